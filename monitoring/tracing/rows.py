"""Turns ended spans into rows."""

from typing import Any

from opentelemetry.sdk.resources import SERVICE_NAME
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.util.types import Attributes

from monitoring.models import Span
from monitoring.redaction import public, redact
from monitoring.store.times import moment

LONGEST_TEXT = 2_000


def span_row(span: ReadableSpan, role: str) -> Span:
    context, parent = span.get_span_context(), span.parent
    if context is None:
        raise ValueError("A span without a context cannot be stored.")
    started = span.start_time or 0
    return Span(
        trace_id=f"{context.trace_id:032x}",
        span_id=f"{context.span_id:016x}",
        parent_id=f"{parent.span_id:016x}" if parent else "",
        local_root=parent is None or parent.is_remote,
        name=span.name[:200],
        kind=span.kind.name.lower(),
        service=str(span.resource.attributes.get(SERVICE_NAME, ""))[:100],
        role=role,
        started_at=moment(started / 1e9),
        duration_ms=((span.end_time or started) - started) / 1e6,
        status=span.status.status_code.name.lower(),
        status_message=redact(span.status.description or "")[:500],
        attributes=plain(span.attributes),
        events=[_event(event, started) for event in span.events],
        links=[f"{link.context.trace_id:032x}" for link in span.links],
    )


def plain(attributes: Attributes) -> dict[str, Any]:
    """Attributes as JSON can hold them: long text cut, secrets taken out."""
    return {key: _plain_value(value) for key, value in public(attributes).items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool | int | float):
        return value
    return [_plain_value(part) for part in value]


def _event(event: Event, started: int) -> dict[str, Any]:
    return {"name": event.name, "at_ms": (event.timestamp - started) / 1e6, "attributes": plain(event.attributes)}
