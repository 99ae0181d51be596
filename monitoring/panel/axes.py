"""The axes of a chart: round numbers upwards from nothing, and round moments from left to right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import ceil, floor, log10

from django.utils.timezone import get_current_timezone

from monitoring.store.times import moment

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000  # in milliseconds
LITTLEST = 1e-300  # below, digits are lost: steps could become nothing
MOST_GAPS = 4  # between the numbers of an axis
MOST_MOMENTS = 6
# Above five seconds people count in quarters of a minute and of an hour.
LONG_STEPS = tuple(
    seconds * SECOND
    for seconds in (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
)
CLOCK_STEPS = (1, 5, 10, 15, 30, 60, 120, 180, 360, 720)  # minutes from one moment to the next
DAY_STEPS = (1, 2, 3, 7, 14, 30, 60, 90, 180, 365)


@dataclass(frozen=True)
class Tick:
    """A moment on the axis: its `place` from 0 to 1, and its `form`, which is "axis" (of a clock) or "day"."""

    place: float
    at: datetime
    form: str

    @property
    def text(self) -> str:
        """How it is written until panel.js says it in the viewer's own zone: in UTC."""
        return f"{self.at:%H:%M}" if self.form == "axis" else f"{self.at:%m-%d}"


def numbers(most: float, unit: str) -> list[float]:
    """Up to five round numbers in equal steps from 0 to at least `most`; the unit is "ms", "s", "share" or another."""
    step = _step(most, unit)
    return [step * number for number in range(max(1, ceil(most / step - 1e-9)) + 1)]


def _step(most: float, unit: str) -> float:
    """The least round step of which MOST_GAPS reach `most`."""
    scale = SECOND if unit == "s" else 1
    least = max(most * scale / MOST_GAPS, LITTLEST) if most else 0.0
    if unit in ("ms", "s") and least > 5 * SECOND:
        days = (DAY * step for step in _decimal(max(least / DAY, 1)))
        return next(step for step in chain(LONG_STEPS, days) if step >= least) / scale
    if unit not in ("ms", "s", "share"):
        least = max(least, 1)  # a half of what is counted is nothing
    return next(step for step in _decimal(least or 1) if step >= least * (1 - 1e-9)) / scale


def _decimal(about: float) -> Iterator[float]:
    """1, 2, 5, 10, 20... from below `about`, which is above 0, up to beyond it."""
    power = floor(log10(about))
    for exponent in (power, power + 1):
        yield from (float(f"{digit}e{exponent}") for digit in (1, 2, 5))


def moments(since: float, until: float) -> list[Tick]:
    """Up to MOST_MOMENTS round moments between two, in seconds since the epoch; whole days are those of TIME_ZONE."""
    if until <= since:
        return []
    found: list[datetime] = []
    form = "axis"
    for form, step in _steps():
        found = list(_every(step, moment(since), moment(until)))
        if len(found) <= MOST_MOMENTS and (form == "day" or until - since <= 2 * DAY / SECOND):
            break
    return [Tick((at.timestamp() - since) / (until - since), at, form) for at in found]


def _steps() -> Iterator[tuple[str, timedelta]]:
    for minutes in CLOCK_STEPS:
        yield "axis", timedelta(minutes=minutes)
    for days in DAY_STEPS:
        yield "day", timedelta(days=days)


def _every(step: timedelta, since: datetime, until: datetime) -> Iterator[datetime]:
    """The moments that are whole steps after a midnight of TIME_ZONE, at most one more than MOST_MOMENTS of them."""
    zone = get_current_timezone()
    wall = since.astimezone(zone).replace(tzinfo=None)
    epoch = datetime(1970, 1, 1) if step >= timedelta(days=1) else datetime(wall.year, wall.month, wall.day)  # noqa: DTZ001
    wall = epoch + ceil((wall - epoch) / step) * step
    for _number in range(MOST_MOMENTS + 1):
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if at > until:
            return
        if at >= since:
            yield at
        wall += step
