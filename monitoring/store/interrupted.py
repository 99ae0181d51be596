"""Processes that died: the spans and jobs that were open in them are shown, and the jobs counted, as interrupted."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE

from monitoring.metrics import JOBS
from monitoring.models import Delta, Figures, JobRun, Span, Writer
from monitoring.store.histogram import Histogram
from monitoring.store.living import DEAD_AFTER, living
from monitoring.store.series import series_ids
from monitoring.store.tiers import MINUTE
from monitoring.store.times import moment

EXPLANATION = _("The process that ran this died before it ended.")


def close_interrupted(now: datetime) -> int:
    """Close the runs and the open spans of processes that died; how many runs. Inside the leader's transaction.

    What ends after all overwrites its row; a run is then counted in jobs_total by its own end, too.
    """
    _close_spans(now)
    alive = {writer.pk for writer in living(now)}
    open_runs = JobRun.objects.filter(status=JobRun.Status.RUNNING, started_at__lt=now - DEAD_AFTER)
    broken = [run for run in open_runs.exclude(writer__in=alive) if _close(run)]
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


def _close_spans(now: datetime) -> None:
    """Store the spans that a dead process told of with its last heartbeat, as long as it was seen with them open."""
    dead = Writer.objects.filter(ended=False, seen_at__lte=now - DEAD_AFTER).exclude(open_spans=[])
    for writer in dead:
        spans = [_broken_span(span, writer) for span in writer.open_spans]
        Span.objects.bulk_create(spans, ignore_conflicts=True)
        Writer.objects.filter(pk=writer.pk, seen_at=writer.seen_at).update(open_spans=[])


def _broken_span(span: dict[str, Any], writer: Writer) -> Span:
    """A span from what `open_span` told of it."""
    started_at = moment(span["started"])
    told = {name: span[name] for name in ("trace_id", "span_id", "parent_id", "local_root", "name", "kind")}
    return Span(
        **told,
        service=settings.OTEL_SERVICE_NAME,
        role=writer.role,
        started_at=started_at,
        duration_ms=max(timedelta(0), writer.seen_at - started_at) / timedelta(milliseconds=1),
        status="interrupted",
        status_message=EXPLANATION,
        attributes={"status": "interrupted", ERROR_TYPE: "interrupted"},
    )
