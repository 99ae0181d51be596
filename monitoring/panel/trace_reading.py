"""Reads the spans of one trace, those of its jobs that still run included."""

import re
from datetime import datetime

from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.models import JobRun, Span
from monitoring.panel.tree import MILLISECOND, Recorded

MOST_SPANS = 10_000
MOST_RUNNING = 50
COLUMNS = (
    *("span_id", "parent_id", "name", "kind", "service", "role", "status", "status_message", "started_at"),
    "duration_ms",
)


def trace_of(text: str) -> str:
    """A trace's id as it stands in an address. Raises BadParameter."""
    if not re.fullmatch("[0-9a-fA-F]{32}", text):
        raise BadParameter(
            "trace", text, _("the 32 hexadecimal digits of a trace's id: open it from the list of traces")
        )
    return text.lower()


def span_of(text: str, name: str = "span") -> str:
    """A span's id as the parameter `name` gives it. Raises BadParameter."""
    if not re.fullmatch("[0-9a-fA-F]{16}", text):
        raise BadParameter(name, text, _("the 16 hexadecimal digits of a span's id"))
    return text.lower()


def recorded(trace_id: str, most: int = MOST_SPANS) -> tuple[list[Recorded], bool]:
    """Up to `most` spans by their start, and whether there are more."""
    rows = Span.objects.filter(trace_id=trace_id).order_by("started_at", "pk").values_list(*COLUMNS)
    spans = [Recorded(*row) for row in rows[: most + 1]]
    spans, cut = spans[:most], len(spans) > most
    running = _still_running(trace_id, {span.span_id for span in spans})
    return sorted(spans + running, key=lambda span: span.at) if running else spans, cut


def _still_running(trace_id: str, ended: set[str]) -> list[Recorded]:
    """Spans of the trace's jobs that have not ended yet, which the store does not have."""
    runs = JobRun.objects.filter(status=JobRun.Status.RUNNING, trace_id=trace_id)[:MOST_RUNNING]
    moment = now()
    return [_running(run, moment) for run in runs if run.span_id not in ended]


def _running(run: JobRun, moment: datetime) -> Recorded:
    return Recorded(
        span_id=run.span_id,
        parent_id=run.parent_id,
        name=f"job.{run.name}",
        kind="consumer",
        service="",
        role=run.source,
        status="running",
        message="",
        at=run.started_at,
        duration_ms=max(0.0, (moment - run.started_at) / MILLISECOND),
    )
