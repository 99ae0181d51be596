"""The panel's own job: forgetting what is old."""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Model
from django.utils.timezone import now
from django_q.models import Task

from monitoring.models import JobRun, Measure, Rollup, Span, Writer
from monitoring.store.tiers import KEPT

ROUND = 5_000  # rows a transaction, so that no writer waits long


def delete_old_logs() -> str:
    """Delete measures, spans and job runs older than TELEMETRY_KEEP_DAYS, and figures as their resolution is kept.

    Lifetime totals stay.
    """
    before = now() - timedelta(days=settings.TELEMETRY_KEEP_DAYS)
    counts = {
        "measures": _delete(Measure, at__lt=before.timestamp()),
        "spans": _delete(Span, started_at__lt=before),
        "job runs": _delete(JobRun, started_at__lt=before),
        "figures": sum(_delete_rollups(resolution, kept) for resolution, kept in KEPT.items()),
        "processes": _delete(Writer, seen_at__lt=before),
        "queue results": _delete(Task, stopped__lt=before),
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    return f"Deleted what is too old ({settings.TELEMETRY_KEEP_DAYS} days for rows): {told}."


def _delete_rollups(resolution: int, kept: int) -> int:
    return _delete(Rollup, resolution=resolution, bucket__lt=int(time.time()) - kept - resolution)


def _delete(model: type[Model], **condition: object) -> int:
    """Delete matching rows in rounds, oldest ids first; how many."""
    deleted, rows = 0, model._default_manager.filter(**condition)  # noqa: SLF001
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:ROUND]):
        model._default_manager.filter(pk__in=ids).delete()  # noqa: SLF001
        deleted += len(ids)
    return deleted
