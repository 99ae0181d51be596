"""Writes batches to the telemetry database: one transaction a batch, which its number keeps from counting twice."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.timezone import now

from monitoring.models import Delta, Figures, JobRun, Measure, Span, Writer
from monitoring.process import identity
from monitoring.router import TELEMETRY
from monitoring.store.fold import Batch, SeriesKey
from monitoring.store.histogram import Histogram
from monitoring.store.records import Duration, Run
from monitoring.store.series import series_ids
from monitoring.store.times import moment
from monitoring.tracing.rows import span_row


@dataclass(frozen=True)
class Heartbeat:
    """What a process says of itself with each write."""

    seq: int
    active_spans: int
    shed: int
    failures: int


def write(batch: Batch, heartbeat: Heartbeat) -> None:
    """Store a batch; does nothing when a batch of this number was stored before. Raises what the database raises."""
    with transaction.atomic(using=TELEMETRY):
        if not _claim(heartbeat):
            return
        ids = series_ids({key for _, key in batch.deltas} | {_key(row) for row in batch.durations})
        Delta.objects.bulk_create(_deltas(batch, ids, heartbeat.seq))
        Measure.objects.bulk_create(_measure(row, ids[_key(row)]) for row in batch.durations)
        Span.objects.bulk_create((span_row(span, identity.role) for span in batch.spans), ignore_conflicts=True)
        write_runs(batch.runs.values())
    series_ids.remember(ids)


def beat(heartbeat: Heartbeat) -> None:
    Writer.objects.update_or_create(id=identity.writer, defaults=_alive(heartbeat), create_defaults=_born(heartbeat))


def end_writer(writer: str) -> None:
    Writer.objects.filter(id=writer).update(ended=True, active_spans=0, seen_at=now())


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
        "shed": heartbeat.shed,
        "failures": heartbeat.failures,
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


def _key(row: Duration) -> SeriesKey:
    return ("histogram", row.name, row.labels)


def _measure(row: Duration, series_id: int) -> Measure:
    return Measure(
        series_id=series_id,
        at=row.at,
        duration_ms=row.ms,
        ok=row.ok,
        trace_id=f"{row.trace_id:032x}" if row.trace_id else "",
        span_id=f"{row.span_id:016x}" if row.span_id else "",
    )


RUN_CHANGES = ["status", "outcome", "finished_at"]


def write_runs(runs: Iterable[Run]) -> None:
    """Store attempts at jobs; one seen before changes its status, outcome and end."""
    JobRun.objects.bulk_create(
        (_job_run(run) for run in runs), update_conflicts=True, unique_fields=["id"], update_fields=RUN_CHANGES
    )


def _job_run(run: Run) -> JobRun:
    times: dict[str, datetime | None] = {
        "enqueued_at": moment(run.enqueued_at),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at) if run.finished_at else None,
    }
    return JobRun(writer=identity.writer, **(run._asdict() | times))
