"""What is slow: every measured name ranked by its share of the total time, and what became of it."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_noop

from monitoring.deployments import Deployment, between
from monitoring.panel.comparison import Before, Change, change
from monitoring.panel.examples import Example, examples
from monitoring.panel.windows import period
from monitoring.store import figures, tiers
from monitoring.store.figures import Name
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


@dataclass(frozen=True)
class Read:
    """The figures of every kind and name from `since` to `until`, and what they are held to: as long, from `before` on.

    All in epoch seconds.
    """

    before: int
    since: int
    until: int
    now: dict[Name, Histogram]
    then: Mapping[Name, Before]


def bottlenecks(window: str = "1h", threshold: float | None = None) -> BottleneckReport:
    """Every name measured in the window: the largest share of the time first, then what was most often over.

    `threshold` (ms) stands in for each name's own. Raises BadParameter.
    """
    found = read(window, int(time.time()))
    deployments = between(found.before, found.until)
    return BottleneckReport(
        window, threshold, found.before, found.since, found.until, deployments, ranked(found, threshold)
    )


def read(window: str, moment: int, kinds: tuple[str, ...] = tuple(KINDS)) -> Read:
    """Raises BadParameter."""
    since, until = period(window, moment)
    before = tiers.begin(2 * since - until, moment)
    then = read_before(before, since - tiers.MINUTE, kinds, moment // tiers.MINUTE)
    return Read(before, since, until, _by_name(since, until, kinds), then)


@lru_cache(maxsize=4)  # to sum up what is over is half of the work
def read_before(since: int, until: int, kinds: tuple[str, ...], minute: int) -> Mapping[Name, Before]:  # noqa: ARG001
    """What the names of a period that is over came to, read once in each `minute`: little comes so late."""
    return {name: Before.of(histogram) for name, histogram in _by_name(since, until, kinds).items()}


def ranked(found: Read, threshold: float | None = None) -> list[Bottleneck]:
    """Rows of all that is a duration, in the order of `bottlenecks`."""
    measured = {name: histogram for name, histogram in found.now.items() if name[0] in KINDS}
    everything: dict[str, float] = defaultdict(float)
    for (kind, _name), histogram in measured.items():
        everything[kind] += histogram.total
    slowest, failed = examples(found.since, found.until)
    rows = [
        _row(
            name,
            histogram,
            found.then.get(name, Before()),
            share=histogram.total / everything[name[0]] if everything[name[0]] else 0.0,
            threshold=threshold_of(name[1]) if threshold is None else threshold,
            slowest=slowest.get(name),
            failed=failed.get(name),
        )
        for name, histogram in measured.items()
    ]
    return sorted(rows, key=lambda row: (-row.share, -row.over, row.name))


def _by_name(since: int, until: int, kinds: Iterable[str]) -> dict[Name, Histogram]:
    """The figures of each kind and name, whatever their labels."""
    merged: dict[Name, Histogram] = {}
    for series in figures.in_window(since, until, kinds):
        first = merged.setdefault((series.kind, series.name), series.histogram)
        if first is not series.histogram:
            first.merge(series.histogram)
    return merged


def _row(
    name: Name,
    histogram: Histogram,
    before: Before,
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
