"""What is slow: every measured name ranked by its share of the total time."""

import re
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.errors import BadParameter
from monitoring.store import figures, tiers
from monitoring.store.histogram import Histogram

WINDOWS = {"15m": 900, "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800, "30d": 2592000}
DEFAULT_THRESHOLD = 100.0
KINDS = {"histogram": gettext_noop("measure"), "span": gettext_noop("span")}
UNITS = {"m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Bottleneck:
    """One name's figures; durations in milliseconds, `share` of all the measured time of its kind from 0 to 1."""

    name: str
    kind: str
    count: int
    errors: int
    over: int
    share: float
    total: float
    mean: float
    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True)
class BottleneckReport:
    """Rows over the whole minutes from `since` to `until` (epoch seconds)."""

    window: str
    threshold: float
    since: int
    until: int
    rows: list[Bottleneck]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def seconds(window: str) -> int:
    """A window such as 15m, 1h or 7d in seconds, at most 30 days. Raises BadParameter."""
    match = re.fullmatch(r"([0-9]{1,6})([mhd])", window)
    length = int(match[1]) * UNITS[match[2]] if match else 0
    if not 60 <= length <= WINDOWS["30d"]:
        raise BadParameter("window", window, _("a time like 15m, 1h or 7d, from 1m to 30d"))
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


def bottlenecks(window: str = "1h", threshold: float = DEFAULT_THRESHOLD) -> BottleneckReport:
    """Every name measured in the window, largest share of the time first; `over` counts those above `threshold` ms."""
    until = int(time.time())
    since = tiers.begin(until - seconds(window), until)
    merged: dict[tuple[str, str], Histogram] = defaultdict(Histogram)
    for series in figures.in_window(since, until):
        merged[series.kind, series.name].merge(series.histogram)
    everything: dict[str, float] = defaultdict(float)
    for (kind, _name), histogram in merged.items():
        everything[kind] += histogram.total
    rows = [_row(name, kind, histogram, threshold, everything[kind]) for (kind, name), histogram in merged.items()]
    rows.sort(key=lambda row: (-row.share, -row.over, row.name))
    return BottleneckReport(window, threshold, since, until, rows)


def _row(name: str, kind: str, histogram: Histogram, threshold: float, everything: float) -> Bottleneck:
    return Bottleneck(
        name=name,
        kind=KINDS[kind],
        count=histogram.count,
        errors=histogram.errors,
        over=histogram.over(threshold),
        share=histogram.total / everything if everything else 0.0,
        total=histogram.total,
        mean=histogram.mean,
        p50=histogram.quantile(0.5),
        p95=histogram.quantile(0.95),
        p99=histogram.quantile(0.99),
        max=histogram.most,
    )
