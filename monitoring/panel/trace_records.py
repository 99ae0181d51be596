"""What was measured and what was logged inside a trace."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.models import Measure, Series, Span
from monitoring.panel.tree import MILLISECOND
from monitoring.panel.waterfall import Waterfall
from monitoring.store.series import unpacked
from monitoring.store.times import moment

MOST_MEASURES = 200
MOST_LINES = 200
MOST_TELLING = 2_000  # spans with events that are read
# What libraries call the parts of a log line, the likeliest first.
MESSAGE = ("log.message", "message", "log.body", "body", "event.body")
SEVERITY = ("log.severity", "severity", "severity_text", "log.level", "level", "levelname")
LOGGER = ("log.logger", "logger", "logger.name", "log.name", "code.namespace")
LEVELS = {"debug": "", "info": "", "warning": "warn", "warn": "warn", "error": "bad", "critical": "bad", "fatal": "bad"}


@dataclass(frozen=True)
class TraceMeasure:
    """A duration that was measured inside the trace."""

    name: str
    labels: Mapping[str, str]
    at: datetime
    offset_ms: float
    duration_ms: float
    ok: bool
    span_id: str


@dataclass(frozen=True)
class LogLine:
    """A line that was logged inside the trace, `offset_ms` after it began; `css` says how bad its level is."""

    offset_ms: float
    level: str
    logger: str
    message: str
    span_id: str

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
    return [_measure(row, found) for row in in_time.select_related("series").order_by("at")[:MOST_MEASURES]]


def _measure(row: Measure, found: Waterfall) -> TraceMeasure:
    at = moment(row.at)
    return TraceMeasure(
        name=row.series.name,
        labels=unpacked(row.series.labels),
        at=at,
        offset_ms=max(0.0, (at - found.began) / MILLISECOND),
        duration_ms=row.duration_ms,
        ok=row.ok,
        span_id=row.span_id,
    )


def log_lines(found: Waterfall) -> tuple[list[LogLine], bool]:
    """The first MOST_LINES lines in order of time, and whether there are more."""
    telling = Span.objects.filter(trace_id=found.trace_id).exclude(events=[]).order_by("started_at", "pk")
    lines: list[LogLine] = []
    rows = telling.values_list("span_id", "started_at", "events")[: MOST_TELLING + 1]
    for span_id, started, events in rows:
        lines += _lines(span_id, (started - found.began) / MILLISECOND, events)
    lines.sort(key=lambda line: line.offset_ms)
    return lines[:MOST_LINES], len(lines) > MOST_LINES or len(rows) > MOST_TELLING


def _lines(span_id: str, begin_ms: float, events: list[dict[str, Any]]) -> Iterator[LogLine]:
    """Those of a span's events whose attributes carry a log's message."""
    for event in events:
        told = event.get("attributes") or {}
        message = first_of(told, MESSAGE)
        if message:
            at_ms = begin_ms + float(event.get("at_ms") or 0.0)
            yield LogLine(max(0.0, at_ms), first_of(told, SEVERITY), first_of(told, LOGGER), message, span_id)


def first_of(told: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """The first of the keys that has a value, as text; empty when none has."""
    return next((str(told[key]) for key in keys if told.get(key) not in (None, "")), "")
