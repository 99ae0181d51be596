"""Folds records into what a write needs: one histogram for each series and minute, and bounded lists of the rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from monitoring.instruments import Labels
from monitoring.store.histogram import Histogram
from monitoring.store.records import Count, Duration, Run
from monitoring.store.tiers import MINUTE

KEEP_ROWS = 10_000  # of each kind while the database is away; what comes on top is shed and counted
KEEP_DELTAS = 20_000  # series and minutes; what comes on top is counted under OTHER
OTHER = "__other__"

T = TypeVar("T")
SeriesKey = tuple[str, str, Labels]  # kind, name, labels


@dataclass
class Batch:
    """What one write brings to the database. The histograms never shed; rows do, when the database stays away."""

    deltas: dict[tuple[int, SeriesKey], Histogram] = field(default_factory=dict)
    durations: list[Duration] = field(default_factory=list)
    spans: list[ReadableSpan] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    shed: int = 0

    def __bool__(self) -> bool:
        return bool(self.deltas or self.spans or self.runs)

    def fold(self, records: Iterable[Duration | Count | Run | ReadableSpan]) -> None:
        for record in records:
            match record:
                case Duration():
                    self._histogram("histogram", record.name, record.labels, record.at).add(record.ms, ok=record.ok)
                    self._keep(self.durations, record)
                case Count():
                    self._histogram("counter", record.name, record.labels, record.at).count += record.amount
                case ReadableSpan():
                    self._fold_span(record)
                case Run():
                    self._fold_run(record)

    def _fold_span(self, span: ReadableSpan) -> None:
        started, ended = span.start_time or 0, span.end_time or 0
        ok = span.status.status_code is not StatusCode.ERROR
        self._histogram("span", span.name[:200], (), ended / 1e9).add((ended - started) / 1e6, ok=ok)
        self._keep(self.spans, span)

    def _fold_run(self, run: Run) -> None:
        if run.id in self.runs or len(self.runs) < KEEP_ROWS:
            self.runs[run.id] = run
        else:
            self.shed += 1

    def _keep(self, rows: list[T], row: T) -> None:
        if len(rows) < KEEP_ROWS:
            rows.append(row)
        else:
            self.shed += 1

    def _histogram(self, kind: str, name: str, labels: Labels, at: float) -> Histogram:
        minute = int(at) // MINUTE * MINUTE
        key = (minute, (kind, name, labels))
        if key not in self.deltas and len(self.deltas) >= KEEP_DELTAS:
            key = (minute, (kind, OTHER, ()))  # names that never end must not fill the memory
        return self.deltas.setdefault(key, Histogram())
