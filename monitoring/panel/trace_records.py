"""What was measured and what was logged inside a trace."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.models import Measure, Series, Span
from monitoring.panel.attributes import first_of
from monitoring.panel.tree import MILLISECOND
from monitoring.panel.waterfall import Waterfall
from monitoring.store.series import unpacked
from monitoring.store.times import moment

MOST_MEASURES = 200
MOST_LINES = 200
MOST_TELLING = 2_000  # spans with events that are read
# What the parts of a log line are called, here (monitoring.tracing.log_lines) first, then by other libraries.
MESSAGE = ("body", "log.message", "message", "log.body")
SEVERITY = ("severity_text", "log.severity", "severity", "log.level", "level")
LOGGER = ("otel.scope.name", "log.logger", "logger", "logger.name", "code.namespace")
LEVELS = {"warn": "warn", "warning": "warn", "error": "bad", "fatal": "bad", "critical": "bad"}


@dataclass(frozen=True)
class TraceMeasure:
    """A duration that was measured inside the trace, `offset_ms` after it began; `span` is the name of its span."""

    name: str
    labels: Mapping[str, str]
    at: datetime
    offset_ms: float
    duration_ms: float
    ok: bool
    span_id: str
    span: str


@dataclass(frozen=True)
class LogLine:
    """A line that was logged inside the trace, `offset_ms` after it began; `css` says how bad its level is.

    `span` is the name of the span that was open.
    """

    offset_ms: float
    level: str
    logger: str
    message: str
    span_id: str
    span: str

    @property
    def css(self) -> str:
        return LEVELS.get(self.level.lower(), "")


def measures(found: Waterfall) -> list[TraceMeasure]:
    """What was measured in the trace, looked for in its time alone: the index has each series by time."""
    ended = found.began + timedelta(milliseconds=found.duration_ms)
    in_time = Measure.objects.filter(
        series__in=Series.objects.filter(kind="histogram").values("pk"),
        at__gte=found.began.timestamp(),
        at__lte=ended.timestamp() + 1,
        trace_id=found.trace_id,
    )
    names = found.names
    return [
        _measure(row, found, names.get(row.span_id, ""))
        for row in in_time.select_related("series").order_by("at")[:MOST_MEASURES]
    ]


def _measure(row: Measure, found: Waterfall, span: str) -> TraceMeasure:
    at = moment(row.at)
    return TraceMeasure(
        name=row.series.name,
        labels=unpacked(row.series.labels),
        at=at,
        offset_ms=max(0.0, (at - found.began) / MILLISECOND),
        duration_ms=row.duration_ms,
        ok=row.ok,
        span_id=row.span_id,
        span=span,
    )


def log_lines(found: Waterfall) -> tuple[list[LogLine], bool]:
    """The first MOST_LINES lines in order of time, and whether there are more."""
    telling = Span.objects.filter(trace_id=found.trace_id).exclude(events=[]).order_by("started_at", "pk")
    lines: list[LogLine] = []
    rows = telling.values_list("span_id", "name", "started_at", "events")[: MOST_TELLING + 1]
    for span_id, name, started, events in rows:
        lines += _lines(span_id, name, (started - found.began) / MILLISECOND, events)
    lines.sort(key=lambda line: line.offset_ms)
    return lines[:MOST_LINES], len(lines) > MOST_LINES or len(rows) > MOST_TELLING


def _lines(span_id: str, span: str, begin_ms: float, events: list[dict[str, Any]]) -> Iterator[LogLine]:
    """Those of a span's events whose attributes carry a log's message."""
    for event in events:
        told = event.get("attributes") or {}
        message = first_of(told, MESSAGE)
        if message:
            at_ms = begin_ms + float(event.get("at_ms") or 0.0)
            severity, logger = first_of(told, SEVERITY), first_of(told, LOGGER)
            yield LogLine(max(0.0, at_ms), severity, logger, message, span_id, span)
