"""What is slow: every measured name ranked by its share of the total time, and what became of it."""

import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_noop

from monitoring.deployments import Deployment, between
from monitoring.panel.comparison import Change, change
from monitoring.panel.examples import Example, Name, examples
from monitoring.panel.windows import period
from monitoring.store import figures, tiers
from monitoring.store.histogram import Histogram
from monitoring.thresholds import threshold_of

KINDS = {"histogram": gettext_noop("measure"), "span": gettext_noop("span")}


@dataclass(frozen=True)
class Bottleneck:
    """One name's figures; times in milliseconds, `share` of all the measured time of its kind from 0 to 1.

    `over` counts what took longer than `threshold`; the examples are None where no trace of it is stored.
    """

    name: str
    kind: str
    count: int
    errors: int
    over: int
    threshold: float
    share: float
    total: float
    mean: float
    p50: float
    p95: float
    p99: float
    max: float
    change: Change
    slowest: Example | None
    failed: Example | None


@dataclass(frozen=True)
class BottleneckReport:
    """Rows over the whole minutes from `since` to `until`, compared with those from `before` on (epoch seconds).

    `threshold` (ms) is the one asked for in place of each name's own; None when none was.
    """

    window: str
    threshold: float | None
    before: int
    since: int
    until: int
    deployments: list[Deployment]
    rows: list[Bottleneck]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def bottlenecks(window: str = "1h", threshold: float | None = None) -> BottleneckReport:
    """Every name measured in the window: the largest share of the time first, then what was most often over.

    `threshold` (ms) stands in for each name's own. Raises BadParameter.
    """
    moment = int(time.time())
    since, until = period(window, moment)
    before = tiers.begin(2 * since - until, moment)
    now, then = _by_name(since, until), _by_name(before, since - tiers.MINUTE)
    everything: dict[str, float] = defaultdict(float)
    for (kind, _name), histogram in now.items():
        everything[kind] += histogram.total
    slowest, failed = examples(since, until)
    rows = [
        _row(
            name,
            histogram,
            then.get(name, Histogram()),
            share=histogram.total / everything[name[0]] if everything[name[0]] else 0.0,
            threshold=threshold_of(name[1]) if threshold is None else threshold,
            slowest=slowest.get(name),
            failed=failed.get(name),
        )
        for name, histogram in now.items()
    ]
    rows.sort(key=lambda row: (-row.share, -row.over, row.name))
    return BottleneckReport(window, threshold, before, since, until, between(before, until), rows)


def _by_name(since: int, until: int) -> dict[Name, Histogram]:
    """The figures of each kind and name, whatever their labels."""
    merged: dict[Name, Histogram] = {}
    for series in figures.in_window(since, until):
        first = merged.setdefault((series.kind, series.name), series.histogram)
        if first is not series.histogram:
            first.merge(series.histogram)
    return merged


def _row(
    name: Name,
    histogram: Histogram,
    before: Histogram,
    *,
    share: float,
    threshold: float,
    slowest: Example | None,
    failed: Example | None,
) -> Bottleneck:
    p50, p95, p99 = histogram.quantiles(0.5, 0.95, 0.99)
    return Bottleneck(
        name=name[1],
        kind=KINDS[name[0]],
        count=histogram.count,
        errors=histogram.errors,
        over=histogram.over(threshold),
        threshold=threshold,
        share=share,
        total=histogram.total,
        mean=histogram.mean,
        p50=p50,
        p95=p95,
        p99=p99,
        max=histogram.most,
        change=change(histogram, before),
        slowest=slowest,
        failed=failed,
    )
