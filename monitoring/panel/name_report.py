"""One name's figures: over time, by duration and by labels, against an earlier window, with its examples."""

import time
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from monitoring.deployments import Deployment, between
from monitoring.errors import BadParameter, NotFound
from monitoring.panel.bottlenecks import KINDS
from monitoring.panel.comparison import Before, Change, change
from monitoring.panel.earlier import BEFORE, earlier
from monitoring.panel.examples import Example, of_name
from monitoring.panel.histograms import Range, ranges
from monitoring.panel.windows import period
from monitoring.store import figures, tiers
from monitoring.store.figures import Course
from monitoring.store.histogram import Histogram
from monitoring.thresholds import threshold_of

STORED = {word: kind for kind, word in KINDS.items()}
STEPS = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)  # seconds
MOST_STEPS = 48  # as many as a narrow screen can tell apart, and a page of 60 KB can hold


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `threshold` (ms) stands in for the name's own. Raises BadParameter."""

    kind: str
    name: str
    window: str = "1h"
    compare: str = BEFORE
    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in STORED:
            raise BadParameter("kind", self.kind, _("span or measure"))


@dataclass(frozen=True)
class Facts:
    """A name's figures over a window; times in milliseconds, None where nothing was measured.

    `share` is its part of all the measured time of its kind, from 0 to 1.
    """

    count: int
    errors: int
    over: int
    share: float
    total: float
    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None


@dataclass(frozen=True)
class Step:
    """From `at` (epoch seconds) on; durations in milliseconds, None where nothing was measured."""

    at: int
    count: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None
    p95_before: float | None


@dataclass(frozen=True)
class Labelled:
    """The part of a name that was measured with the same labels; `share` of all the name's time, from 0 to 1."""

    labels: dict[str, str]
    facts: Facts


@dataclass(frozen=True)
class NameReport:
    """Everything about a name from `since` to `until`, against `before_since` to `before_until` (epoch seconds).

    `steps` begin at `first` and are `step` seconds long; the first and the last may lie partly outside the window.
    """

    name: str
    kind: str
    window: str
    compare: str
    threshold: float
    since: int
    until: int
    before_since: int
    before_until: int
    first: int
    end: int
    step: int
    now: Facts
    before: Facts
    change: Change
    steps: list[Step]
    ranges: list[Range]
    labels: list[Labelled]
    deployments: list[Deployment]
    slowest: list[Example]
    failed: list[Example]
    by_step: dict[int, Histogram] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        told = asdict(replace(self, by_step={}))  # what it is made of stays here
        del told["by_step"]
        return told


def name_report(asked: Asked) -> NameReport:
    """Raises BadParameter, and NotFound for a name that was never measured."""
    moment = int(time.time())
    since, until = period(asked.window, moment)
    before_since, before_until = earlier(asked.compare, since, until, moment)
    kind, step = STORED[asked.kind], step_of(since, until, moment)
    now = figures.of_name(kind, asked.name, since, until, step)
    if now is None:
        raise NotFound(
            _("No %(kind)s called %(name)s was ever measured.") % {"kind": _(asked.kind), "name": asked.name[:200]}
        )
    then_step = max(step, step_of(before_since, before_until, moment))
    then = figures.of_name(kind, asked.name, before_since, before_until, then_step) or Course.empty()
    threshold = threshold_of(asked.name) if asked.threshold is None else asked.threshold
    slowest, failed = of_name(kind, asked.name, since, until)
    first, end = since // step * step, until // step * step + step
    alike = abs((until - since) - (before_until - before_since)) <= 2 * then_step
    beside, back = then.steps if alike else {}, since - before_since
    return NameReport(
        name=asked.name,
        kind=asked.kind,
        window=asked.window,
        compare=asked.compare,
        threshold=threshold,
        since=since,
        until=until,
        before_since=before_since,
        before_until=before_until,
        first=first,
        end=end,
        step=step,
        now=facts(now.whole, threshold, figures.times_in_window(since, until, kind)),
        before=facts(then.whole, threshold, spent_before(before_since, before_until, kind, moment // tiers.MINUTE)),
        change=change(now.whole, Before.of(then.whole)),
        steps=[
            _step(at, now.steps.get(at), beside.get((at + step // 2 - back) // then_step * then_step))
            for at in range(first, end, step)
        ],
        ranges=ranges(now.whole, then.whole),
        labels=_labels(now, threshold),
        deployments=between(min(since, before_since), until),
        slowest=slowest,
        failed=failed,
        by_step=now.steps,
    )


@lru_cache(maxsize=32)
def spent_before(since: int, until: int, kind: str, minute: int) -> float:  # noqa: ARG001
    """All the time (ms) that was measured in a period that is over, read once in each `minute`."""
    return figures.times_in_window(since, until, kind)


def step_of(since: float, until: float, now: float, most: int = MOST_STEPS) -> int:
    """The shortest step (s) of which so many fill the window, 32 or more, and which is still kept where it begins."""
    finest = tiers.finest(since, now)
    return next(step for step in STEPS if step >= finest and (until - since) / step <= most)


def facts(histogram: Histogram, threshold: float, everything: float) -> Facts:
    """A histogram's figures, where `everything` is the time (ms) that it is a share of."""
    p50, p95, p99 = histogram.quantiles(0.5, 0.95, 0.99) if histogram.count else (None, None, None)
    return Facts(
        count=histogram.count,
        errors=histogram.errors,
        over=histogram.over(threshold),
        share=histogram.total / everything if everything else 0.0,
        total=histogram.total,
        mean=histogram.mean if histogram.count else None,
        p50=p50,
        p95=p95,
        p99=p99,
        max=histogram.most if histogram.count else None,
    )


def _step(at: int, histogram: Histogram | None, before: Histogram | None) -> Step:
    p95_before = before.quantile(0.95) if before is not None else None
    if histogram is None:
        return Step(at, 0, 0, None, None, None, p95_before)
    p50, p95, p99 = histogram.quantiles(0.5, 0.95, 0.99)
    return Step(at, histogram.count, histogram.errors, p50, p95, p99, p95_before)


def _labels(course: Course, threshold: float) -> list[Labelled]:
    """What has labels, the largest share of the time first."""
    found = [
        Labelled(dict(labels), facts(histogram, threshold, course.whole.total))
        for labels, histogram in course.labels.items()
        if labels
    ]
    return sorted(found, key=lambda one: -one.facts.total)
