"""What waits in the buffer: plain tuples, made on the hot path, understood by the fold."""

from typing import NamedTuple

from monitoring.instruments import Labels
from monitoring.tracing.light import LightSpan


class Duration(NamedTuple):
    """One measured duration, in milliseconds; `at` is the wall clock in seconds since the epoch."""

    name: str
    labels: Labels
    at: float
    ms: float
    ok: bool
    trace_id: int
    span_id: int


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
