"""Processes that died: their running jobs are shown as interrupted, with a span that says so."""

from datetime import datetime, timedelta

from django.conf import settings
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE

from monitoring.models import JobRun, Span, Writer

DEAD_AFTER = timedelta(seconds=20)  # four heartbeats missed
EXPLANATION = "The process that ran this job died before it ended."


def living(now: datetime) -> list[Writer]:
    return list(Writer.objects.filter(ended=False, seen_at__gt=now - DEAD_AFTER).order_by("role", "started_at"))


def close_interrupted(now: datetime) -> int:
    """Close the runs of processes that died; how many. A run that ends after all overwrites this."""
    alive = {writer.pk for writer in living(now)}
    open_runs = JobRun.objects.filter(status=JobRun.Status.RUNNING, started_at__lt=now - DEAD_AFTER)
    broken = list(open_runs.exclude(writer__in=alive))
    for run in broken:
        run.status, run.outcome, run.finished_at = JobRun.Status.INTERRUPTED, EXPLANATION, _last_seen(run)
    JobRun.objects.bulk_update(broken, ["status", "outcome", "finished_at"])
    Span.objects.bulk_create((_broken_span(run) for run in broken if run.trace_id), ignore_conflicts=True)
    return len(broken)


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
