"""Windows of time and thresholds as people write them: in an address, on the command line, in code."""

import re
from collections.abc import Mapping

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, localtime, make_aware
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.store import tiers
from monitoring.store.times import moment

WINDOWS = {"15m": 900, "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800, "30d": 2592000}
LONGEST = WINDOWS["30d"]
UNITS = {"m": 60, "h": 3600, "d": 86400}


def asked_window(query: Mapping[str, str], parameter: str = "window", otherwise: str = "1h") -> str:
    """The window that an address asks for: two fields of a form (`from` and `to`, `compare_from`...) make one."""
    prefix = "" if parameter == "window" else f"{parameter}_"
    first, end = query.get(f"{prefix}from"), query.get(f"{prefix}to")
    return f"{first}/{end}" if first or end else query.get(parameter) or otherwise


def period(window: str, now: int, parameter: str = "window") -> tuple[int, int]:
    """The first and the last second that a window covers: `1h` ends now, `2026-11-24T09:00/2026-11-24T10:30` is fixed.

    Both since the epoch; where only coarser figures are kept, the period begins and ends with these.
    A time without an offset is in TIME_ZONE. Raises BadParameter, which names the parameter.
    """
    if "/" not in window:
        return tiers.begin(now - seconds(window, parameter), now), now
    first, end = (_second(window, part, parameter) for part in window.split("/", 1))
    if not (0 < first < end and end - first <= LONGEST):
        raise _bad(window, parameter)
    return fixed(first, end, now)


def fixed(first: int, end: int, now: int) -> tuple[int, int]:
    """The first and the last second of the period from `first` to before `end`, as finely as it is still kept."""
    since = tiers.begin(first, now)
    return since, max(since + tiers.MINUTE, tiers.begin(end, now)) - 1


def seconds(window: str, parameter: str = "window") -> int:
    """A window such as 15m, 1h or 7d in seconds, at most 30 days. Raises BadParameter."""
    match = re.fullmatch(r"([0-9]{1,6})([mhd])", window)
    length = int(match[1]) * UNITS[match[2]] if match else 0
    if not 60 <= length <= LONGEST:
        raise _bad(window, parameter)
    return length


def milliseconds(text: str, name: str = "threshold") -> float:
    """The parameter `name` in milliseconds, 0 or more. Raises BadParameter."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1e9:
        raise BadParameter(name, text, _("a number of milliseconds, 0 or more"))
    return value


def offered(window: str) -> list[str]:
    """The windows that a form offers, the one asked for among them; two times have fields of their own."""
    return list(WINDOWS) if "/" in window else sorted({*WINDOWS, window}, key=seconds)


def local_minute(second: int) -> str:
    """A second since the epoch as `period` reads it, and a form's field shows it: in TIME_ZONE, without an offset."""
    return f"{localtime(moment(second)):%Y-%m-%dT%H:%M}"


def written(text: str) -> float | None:
    """The seconds since the epoch that a time like 2026-11-24T09:00 stands for; None for what is no time."""
    try:
        at = parse_datetime(text)
        return None if at is None else (make_aware(at) if is_naive(at) else at).timestamp()
    except (ValueError, OverflowError):
        return None


def _second(window: str, text: str, parameter: str) -> int:
    at = written(text)
    if at is None:
        raise _bad(window, parameter)
    return int(at)


def _bad(window: str, parameter: str) -> BadParameter:
    return BadParameter(
        parameter, window, _("a time like 15m, 1h or 7d, from 1m to 30d, or two like 2026-11-24T09:00/2026-11-24T10:30")
    )
