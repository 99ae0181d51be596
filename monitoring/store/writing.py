"""Writes batches to the telemetry database: one transaction a batch, which its number keeps from counting twice."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from opentelemetry.trace import INVALID_SPAN
from opentelemetry.trace import Span as OpenSpan

from monitoring.instruments import Labels
from monitoring.models import Delta, Exemplar, Figures, JobRun, Measure, Span, Writer
from monitoring.process import identity
from monitoring.recording import LONGEST_NAME, storable
from monitoring.router import TELEMETRY
from monitoring.store.bulk import append, upsert
from monitoring.store.exemplars import Example
from monitoring.store.fold import Batch
from monitoring.store.histogram import Histogram
from monitoring.store.records import Duration, Run, SeriesKey
from monitoring.store.series import series_ids
from monitoring.store.times import moment
from monitoring.store.vitals import Vitals
from monitoring.tracing.rows import SPAN, span_row

# A process that was only held up may still end a span that others have closed for it.
THOUGHT_DEAD = "monitoring_span.status = 'interrupted'"


@dataclass(frozen=True)
class Heartbeat:
    """What a process says of itself with each write."""

    seq: int
    active_spans: int
    open_spans: list[dict[str, Any]]
    shed: int
    failures: int
    refused: dict[str, int]
    behind_s: float
    buffered: int
    vitals: Vitals


def write(batch: Batch, heartbeat: Heartbeat) -> None:
    """Store a batch; does nothing when a batch of this number was stored before. Raises what the database raises."""
    with transaction.atomic(using=TELEMETRY):
        if not _claim(heartbeat):
            return
        ids = series_ids(_keys(batch))
        Delta.objects.bulk_create(_deltas(batch, ids, heartbeat.seq))
        append(Measure, MEASURE, _measures(batch.durations, ids))
        append(Exemplar, EXEMPLAR, (_exemplar(example, ids[example.key]) for example in batch.examples))
        rows = (span_row(span, identity.role) for span in batch.spans)
        upsert(Span, SPAN, rows, ["trace_id", "span_id"], THOUGHT_DEAD)
        write_runs(batch.runs.values())
    series_ids.remember(ids)


def beat(heartbeat: Heartbeat) -> None:
    Writer.objects.update_or_create(id=identity.writer, defaults=_alive(heartbeat), create_defaults=_born(heartbeat))


def end_writer(writer: str) -> None:
    Writer.objects.filter(id=writer).update(ended=True, active_spans=0, open_spans=[], seen_at=now())


def _claim(heartbeat: Heartbeat) -> bool:
    """Whether this process' row moved on to the batch's number, which it does once."""
    mine = Writer.objects.filter(id=identity.writer)
    if mine.filter(seq__lt=heartbeat.seq).update(**_alive(heartbeat)):
        return True
    return Writer.objects.get_or_create(id=identity.writer, defaults=_born(heartbeat))[1]


def _alive(heartbeat: Heartbeat) -> dict[str, object]:
    return {
        "seq": heartbeat.seq,
        "active_spans": heartbeat.active_spans,
        "open_spans": heartbeat.open_spans,
        "shed": heartbeat.shed,
        "failures": heartbeat.failures,
        "refused": heartbeat.refused,
        "behind_s": heartbeat.behind_s,
        "buffered": heartbeat.buffered,
        **asdict(heartbeat.vitals),
        "role": identity.role,
        "seen_at": now(),
        "ended": False,
    }


def _born(heartbeat: Heartbeat) -> dict[str, object]:
    return _alive(heartbeat) | {"host": identity.host, "pid": identity.pid, "started_at": moment(identity.started_at)}


def _deltas(batch: Batch, ids: dict[SeriesKey, int], seq: int) -> list[Delta]:
    """One for each series and minute; keys that overflowed into one series are added up."""
    merged: dict[tuple[int, int], Histogram] = defaultdict(Histogram)
    for (bucket, key), histogram in batch.deltas.items():
        merged[bucket, ids[key]].merge(histogram)
    return [
        Delta(bucket=bucket, series_id=series, writer=identity.writer, seq=seq, **Figures.columns(histogram))
        for (bucket, series), histogram in merged.items()
    ]


def _keys(batch: Batch) -> set[SeriesKey]:
    keys = {key for _, key in batch.deltas} | {example.key for example in batch.examples}
    return keys | {_key(*named) for named in {(row.name, row.labels) for row in batch.durations}}


def _key(name: str, labels: Labels) -> SeriesKey:
    return ("histogram", storable(name)[:LONGEST_NAME], labels)


MEASURE = ("series_id", "at", "duration_ms", "ok", "trace_id", "span_id")


def _measures(durations: list[Duration], ids: dict[SeriesKey, int]) -> list[tuple[object, ...]]:
    known = {named: ids[_key(*named)] for named in {(row.name, row.labels) for row in durations}}
    return [
        (known[name, labels], at, ms, ok, *(NO_SPAN if span is INVALID_SPAN else _ids(span)))
        for name, labels, at, ms, ok, span in durations
    ]


NO_SPAN = ("", "")


def _ids(span: OpenSpan) -> tuple[str, str]:
    """The ids of a measure's trace and span."""
    context = span.get_span_context()
    return (f"{context.trace_id:032x}", f"{context.span_id:016x}") if context.is_valid else NO_SPAN


EXEMPLAR = ("series_id", "bucket", "at", "duration_ms", "ok", "trace_id", "span_id")


def _exemplar(example: Example, series: int) -> tuple[object, ...]:
    at, trace_id, span_id = example.at, f"{example.trace_id:032x}", f"{example.span_id:016x}"
    return series, example.minute, at, example.ms, example.ok, trace_id, span_id


RUN_CHANGES = ["status", "outcome", "finished_at"]


def write_runs(runs: Iterable[Run]) -> None:
    """Store attempts at jobs; one seen before changes its status, outcome and end."""
    JobRun.objects.bulk_create(
        (_job_run(run) for run in sorted(runs)), update_conflicts=True, unique_fields=["id"], update_fields=RUN_CHANGES
    )


def _job_run(run: Run) -> JobRun:
    times: dict[str, datetime | None] = {
        "enqueued_at": moment(run.enqueued_at),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at) if run.finished_at else None,
    }
    return JobRun(writer=identity.writer, **(run._asdict() | times))
