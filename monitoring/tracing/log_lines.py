"""Log lines as events of the span that is open: a trace then tells what the log said meanwhile."""

import logging

from opentelemetry.trace import get_current_span

from monitoring.guard import harmless
from monitoring.redaction import redact
from monitoring.tracing.span import LightSpan

EVENT = "log"
# The names that OpenTelemetry gives to the parts of a log record where they stand outside of one.
SEVERITY, LOGGER, BODY = "severity_text", "otel.scope.name", "body"
LONGEST = 2_000  # characters of a line
WORDS = {"WARNING": "WARN", "CRITICAL": "FATAL"}  # what Python calls by other names


class SpanHandler(logging.Handler):
    """Adds each line to the current span; without one it does nothing. The traceback is the exception's own event."""

    def emit(self, record: logging.LogRecord) -> None:
        span = get_current_span()
        if type(span) is LightSpan and span.is_recording():
            with harmless("adding a log line to a trace"):
                told = {SEVERITY: WORDS.get(record.levelname, record.levelname), LOGGER: record.name}
                span.add_event(EVENT, told | {BODY: redact(record.getMessage()[:LONGEST])}, int(record.created * 1e9))
