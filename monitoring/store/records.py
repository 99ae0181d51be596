"""What waits in the buffer: plain tuples, made on the hot path, understood by the fold."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from opentelemetry.trace import Span

from monitoring.instruments import Labels
from monitoring.tracing.span import LightSpan

SeriesKey = tuple[str, str, Labels]  # kind, name, labels


class Duration(NamedTuple):
    """One measured duration, in milliseconds; `at` is the wall clock in seconds since the epoch.

    `span` is what it was measured in, which may be the invalid span.
    """

    name: str
    labels: Labels
    at: float
    ms: float
    ok: bool
    span: Span


class Count(NamedTuple):
    name: str
    labels: Labels
    at: float
    amount: int


class Run(NamedTuple):
    """What is known of one attempt at a job so far; the same `id` again replaces what was known before."""

    id: str
    task_id: str
    name: str
    func: str
    args: str
    attempt: int
    source: str
    status: str
    trace_id: str
    span_id: str
    parent_id: str
    enqueued_at: float
    started_at: float
    finished_at: float | None
    outcome: str


Record = Duration | Count | LightSpan | Run


class Arrivals(NamedTuple):
    """What one emptying of the buffer brought, by what it is."""

    durations: list[Duration]
    counts: list[Count]
    spans: list[LightSpan]
    runs: list[Run]


def sorted_out(records: Iterable[Record]) -> Arrivals:
    by_type: dict[type, list[Any]] = {Duration: [], Count: [], LightSpan: [], Run: []}
    for record in records:
        by_type[type(record)].append(record)
    return Arrivals(*by_type.values())
