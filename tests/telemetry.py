"""Rows of the telemetry database, as tests want them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from opentelemetry.trace import INVALID_SPAN

from monitoring.instruments import Labels
from monitoring.models import JobRun, Span, Writer
from monitoring.store import writing
from monitoring.store.exemplars import Exemplars
from monitoring.store.fold import Batch
from monitoring.store.records import Duration, Record, sorted_out
from monitoring.store.vitals import Vitals
from tests.factories import NOON

numbers = count(1)
NEWS = writing.Heartbeat(
    seq=1, active_spans=0, open_spans=[], shed=0, failures=0, refused={}, behind_s=0.0, buffered=0, vitals=Vitals()
)
TRACE = "a" * 32
MS = timedelta(milliseconds=1)


def make_span(name: str = "work", at: datetime = NOON, ms: float = 10.0, parent: Span | None = None, **fields) -> Span:
    span_id = f"{next(numbers):016x}"
    defaults = {
        "trace_id": parent.trace_id if parent else f"{next(numbers):032x}",
        "parent_id": parent.span_id if parent else "",
        "local_root": parent is None,
        "kind": "internal",
        "service": "adminara",
        "status": "unset",
    }
    values = defaults | fields
    return Span.objects.create(span_id=span_id, name=name, started_at=at, duration_ms=ms, **values)


def make_run(name: str = "session_cleanup", at: datetime = NOON, **fields) -> JobRun:
    """A run that waited 50 ms and took 200 ms."""
    defaults = {
        "task_id": f"{next(numbers):032x}",
        "func": f"sessions_app.jobs.{name}",
        "source": "worker",
        "status": "success",
        "writer": "writer",
        "enqueued_at": at - 50 * MS,
        "finished_at": at + 200 * MS,
    }
    return JobRun.objects.create(id=f"{next(numbers):032x}", name=name, started_at=at, **(defaults | fields))


def make_process(role: str = "worker", at: datetime = NOON, **fields) -> Writer:
    writer = f"{next(numbers):032x}"
    values = {"host": "here", "pid": 1, "started_at": at, "seen_at": at} | fields
    return Writer.objects.create(id=writer, role=role, **values)


def make_duration(name: str, at: float, ms: float, *, ok: bool = True, labels: Labels = ()) -> Duration:
    """A measure that ended `at` seconds after the epoch, outside any span."""
    return Duration(name, labels, at, ms, ok, INVALID_SPAN)


def folded(records: Iterable[Record]) -> Batch:
    batch = Batch()
    batch.fold(sorted_out(records), [], Exemplars())
    return batch


def store(records: Iterable[Record], seq: int = 1) -> None:
    """Write records as this process' batch number `seq`."""
    writing.write(folded(records), replace(NEWS, seq=seq))
