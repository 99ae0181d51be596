"""Folds records into what a write needs: one histogram for each series and minute, and bounded lists of the rows."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from monitoring.instruments import Labels
from monitoring.recording import fitting
from monitoring.store.exemplars import Example, Exemplars
from monitoring.store.histogram import Histogram
from monitoring.store.records import Arrivals, Count, Duration, Run, SeriesKey
from monitoring.store.tiers import MINUTE
from monitoring.tracing.span import LightSpan

KEEP_ROWS = 50_000  # of each kind while the database is away; what comes on top is shed and counted
KEEP_DELTAS = 20_000  # series and minutes; on top, a series counts in the last minute it has, or under OTHER
OTHER = "__other__"

T = TypeVar("T")


@dataclass
class Batch:
    """What one write brings to the database. The histograms never shed; rows do, when the database stays away."""

    deltas: dict[tuple[int, SeriesKey], Histogram] = field(default_factory=dict)
    latest: dict[SeriesKey, int] = field(default_factory=dict)  # minute of each series' newest delta
    durations: list[Duration] = field(default_factory=list)
    spans: list[LightSpan] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    shed: int = 0
    begun_at: float = field(default_factory=time.monotonic)

    def __bool__(self) -> bool:
        return bool(self.deltas or self.spans or self.runs)

    def fold(self, arrived: Arrivals, kept: list[LightSpan], exemplars: Exemplars) -> None:
        """Count everything that arrived; of the spans, keep those that are `kept`."""
        if not self:
            self.begun_at = time.monotonic()
        self._measure("histogram", arrived.durations, exemplars)
        self._measure("span", map(as_duration, (span for span in arrived.spans if span.counted)), exemplars)
        for count in arrived.counts:
            self.count(count)
        for run in arrived.runs:
            self._run(run)
        self._keep(self.durations, arrived.durations)
        self._keep(self.spans, kept)

    def leave_rows(self) -> int:
        """Keep the counts and shed the rows, one of which the database will never take; how many."""
        left = len(self.durations) + len(self.spans) + len(self.runs)
        self.durations, self.spans, self.examples, self.runs = [], [], [], {}
        return left

    def leave_counts(self) -> int:
        """Shed the counts, too; how much was counted."""
        left = sum(histogram.count for histogram in self.deltas.values())
        self.deltas = {}
        return left

    def _measure(self, kind: str, durations: Iterable[Duration], exemplars: Exemplars) -> None:
        groups: defaultdict[tuple[str, Labels, float], list[Duration]] = defaultdict(list)
        for duration in durations:
            groups[duration.name, duration.labels, duration.at // MINUTE].append(duration)
        for (name, labels, minutes), group in groups.items():
            minute, key = int(minutes) * MINUTE, (kind, fitting(name), labels)
            values, went_well = [duration.ms for duration in group], [duration.ok for duration in group]
            self._histogram(minute, key).add_all(values, errors=went_well.count(False))
            if len(self.examples) < KEEP_ROWS:
                self.examples += exemplars.choose(key, minute, group)

    def count(self, count: Count) -> None:
        minute = int(count.at) // MINUTE * MINUTE
        self._histogram(minute, ("counter", fitting(count.name), count.labels)).count += count.amount

    def _run(self, run: Run) -> None:
        if run.id in self.runs or len(self.runs) < KEEP_ROWS:
            self.runs[run.id] = run
        else:
            self.shed += 1

    def _keep(self, rows: list[T], arrived: list[T]) -> None:
        room = max(0, KEEP_ROWS - len(rows))
        rows += arrived[:room]
        self.shed += len(arrived[room:])

    def _histogram(self, minute: int, key: SeriesKey) -> Histogram:
        if (minute, key) not in self.deltas and len(self.deltas) >= KEEP_DELTAS:
            # Neither names that never end nor an outage that does not may fill the memory.
            key = key if key in self.latest else (key[0], OTHER, ())
            minute = self.latest.get(key, minute)
        self.latest[key] = minute
        return self.deltas.setdefault((minute, key), Histogram())


def as_duration(span: LightSpan) -> Duration:
    """How long a span took, as if it had been measured."""
    return Duration(span.name, (), (span.end_time or 0) / 1e9, span.duration_ms, not span.failed, span)
