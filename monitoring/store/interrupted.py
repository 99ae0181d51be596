"""Processes that died: their running jobs are shown and counted as interrupted, with a span that says so."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE

from monitoring.metrics import JOBS
from monitoring.models import Delta, Figures, JobRun, Span, Writer
from monitoring.store.histogram import Histogram
from monitoring.store.living import DEAD_AFTER, living
from monitoring.store.series import series_ids
from monitoring.store.tiers import MINUTE

EXPLANATION = "The process that ran this job died before it ended."


def close_interrupted(now: datetime) -> int:
    """Close the runs of processes that died; how many. Inside the leader's transaction.

    A run that ends after all overwrites its row, and is then counted in jobs_total by its own end, too.
    """
    alive = {writer.pk for writer in living(now)}
    open_runs = JobRun.objects.filter(status=JobRun.Status.RUNNING, started_at__lt=now - DEAD_AFTER)
    broken = [run for run in open_runs.exclude(writer__in=alive) if _close(run)]
    Span.objects.bulk_create((_broken_span(run) for run in broken if run.trace_id), ignore_conflicts=True)
    if broken:
        _count(broken, int(now.timestamp()) // MINUTE * MINUTE)
    return len(broken)


def _close(run: JobRun) -> bool:
    """Whether it was still open: a run is closed, and so counted, once."""
    run.finished_at = _last_seen(run)
    closed = {"status": JobRun.Status.INTERRUPTED, "outcome": EXPLANATION, "finished_at": run.finished_at}
    return bool(JobRun.objects.filter(pk=run.pk, status=JobRun.Status.RUNNING).update(**closed))


def _count(runs: Iterable[JobRun], minute: int) -> None:
    """What a process would have added to jobs_total: each run stands as the writer of its own delta."""
    once = Histogram()
    once.count = 1
    keys = {run.pk: ("counter", JOBS.name, (("job_name", run.name), ("result", "interrupted"))) for run in runs}
    ids = series_ids(set(keys.values()))
    Delta.objects.bulk_create(
        Delta(series_id=ids[key], bucket=minute, writer=run, seq=0, **Figures.columns(once))
        for run, key in keys.items()
    )


def _last_seen(run: JobRun) -> datetime:
    writer = Writer.objects.filter(pk=run.writer).first()
    return max(run.started_at, writer.seen_at if writer else run.started_at)


def _broken_span(run: JobRun) -> Span:
    ended = run.finished_at or run.started_at
    return Span(
        trace_id=run.trace_id,
        span_id=run.span_id,
        parent_id=run.parent_id,
        local_root=True,
        name=f"job.{run.name}",
        kind="consumer",
        service=settings.OTEL_SERVICE_NAME,
        role="worker",
        started_at=run.started_at,
        duration_ms=(ended - run.started_at) / timedelta(milliseconds=1),
        status="interrupted",
        status_message=EXPLANATION,
        attributes={"status": "interrupted", ERROR_TYPE: "interrupted"},
    )
