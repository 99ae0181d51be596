"""How each declared histogram and counter went: the last hour minute by minute, and against the hour before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from monitoring.instruments import Instrument, declared
from monitoring.panel.bottlenecks import Read
from monitoring.panel.comparison import Before, Change, change
from monitoring.store.figures import Name
from monitoring.store.histogram import Histogram
from monitoring.store.tiers import MINUTE

RECENT = 5  # minutes
OWN = "job_"  # what begins so is of the panel's own, and stands behind what the desk counts

Minutes = dict[Name, dict[int, Histogram]]


@dataclass(frozen=True)
class Period:
    """A series' figures over some minutes; `p95` in milliseconds, None when nothing was measured."""

    count: int
    p95: float | None


@dataclass(frozen=True)
class Trend:
    """A declared series: the last five minutes, the last hour, the hour before that, and each minute of the last one.

    `title` is the short one of those that stand first, else empty.
    """

    name: str
    kind: Literal["histogram", "counter", "gauge"]
    title: str
    description: str
    unit: str
    recent: Period
    hour: Period
    before: Period
    change: Change
    minutes: list[float | None]

    @property
    def growth(self) -> float | None:
        """How many times the hour before: p95 of durations, count of counters; None when there is no telling."""
        if self.kind == "counter":
            return self.hour.count / self.before.count if self.before.count else None
        return self.change.ratio

    @property
    def sign(self) -> str:
        """Of the growth as the page shows it, to one place; of durations only when they have moved beyond chance."""
        if self.growth is None:
            return ""
        if self.kind == "histogram":
            return {"slower": "▲", "faster": "▼"}.get(self.change.verdict, "≈")
        rounded = round(self.growth, 1)
        return "≈" if rounded == 1 else "▲" if rounded > 1 else "▼"

    @property
    def level(self) -> str:
        """A class for it: that more was counted is neither good nor bad."""
        return {"slower": "warn", "faster": "good"}.get(self.change.verdict, "muted")


def names() -> set[Name]:
    return {(one.kind, one.name) for one in declared.values() if one.kind != "gauge"}


def trends(found: Read, by_minute: Minutes) -> list[Trend]:
    """In the order in which they were declared, the desk's first."""
    instruments = [one for one in declared.values() if one.kind != "gauge"]
    instruments.sort(key=lambda one: one.name.startswith(OWN))
    return [_trend(one, found, by_minute[one.kind, one.name]) for one in instruments]


def course(kind: str, found: Read, by_minute: dict[int, Histogram]) -> list[float | None]:
    """A point for each minute: the p95 in milliseconds, or how many a counter counted."""
    return [_point(kind, by_minute.get(minute)) for minute in minutes(found)]


def minutes(found: Read) -> range:
    """Their first seconds since the epoch."""
    return range(found.since // MINUTE * MINUTE, found.until + 1, MINUTE)


def _trend(one: Instrument, found: Read, by_minute: dict[int, Histogram]) -> Trend:
    key = one.kind, one.name
    hour, before = found.now.get(key, Histogram()), found.then.get(key, Before())
    return Trend(
        name=one.name,
        kind=one.kind,
        title=one.headline.get("", ""),
        description=one.description,
        unit=one.unit,
        recent=_period(_last(minutes(found)[-RECENT:], by_minute)),
        hour=_period(hour),
        before=Period(before.count, before.p95.p95 if before.p95 else None),
        change=change(hour, before),
        minutes=course(one.kind, found, by_minute),
    )


def _last(wanted: Sequence[int], by_minute: dict[int, Histogram]) -> Histogram:
    found: Iterable[Histogram] = (by_minute[minute] for minute in wanted if minute in by_minute)
    return Histogram.merged(found)


def _period(whole: Histogram) -> Period:
    return Period(whole.count, whole.quantile(0.95) if whole.cells else None)


def _point(kind: str, histogram: Histogram | None) -> float | None:
    if kind == "counter":
        return float(histogram.count) if histogram else 0.0
    return histogram.quantile(0.95) if histogram else None
