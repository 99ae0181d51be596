"""Spans of what is only known afterwards: what people did between two requests, what a browser measured by itself.

They are kept with their trace, and not counted among the program's operations.
"""

from datetime import UTC, datetime, timedelta

from opentelemetry import propagate, trace
from opentelemetry.trace import Link, SpanKind, StatusCode
from opentelemetry.util.types import Attributes

from monitoring.guard import harmless
from monitoring.tracing.setup import Tracing

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def current_traceparent() -> str:
    """Where we are, as W3C Trace Context's `traceparent`; empty when nothing is traced."""
    carrier: dict[str, str] = {}
    with harmless("telling a trace's context"):
        propagate.inject(carrier)
    return carrier.get("traceparent", "")


def past_span(
    name: str,
    began: datetime,
    ended: datetime,
    traceparent: str,
    attributes: Attributes = None,
    *,
    error: str = "",
    kind: SpanKind = SpanKind.INTERNAL,
) -> str:
    """Add a span to the trace of `traceparent`, linked to what is going on here. Its own traceparent, for its parts.

    Empty when nothing is traced, or `traceparent` is none. `error` says why what the span tells of failed.
    """
    with harmless("tracing what is past"):
        parent = propagate.extract({"traceparent": traceparent})
        if Tracing.past is None or not trace.get_current_span(parent).get_span_context().is_valid:
            return ""
        span = Tracing.past.start_span(name, parent, kind, attributes, _here(traceparent), _nanoseconds(began))
        if error:
            span.set_status(StatusCode.ERROR, error)
        carrier: dict[str, str] = {}
        propagate.inject(carrier, trace.set_span_in_context(span, parent))
        span.end(_nanoseconds(max(began, ended)))
        return carrier["traceparent"]
    return ""


def _here(traceparent: str) -> list[Link]:
    """The trace in which this is told, unless it is the same."""
    here = trace.get_current_span().get_span_context()
    return [Link(here)] if here.is_valid and f"{here.trace_id:032x}" not in traceparent else []


def _nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND * 1000
