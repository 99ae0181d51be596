"""Turns ended spans into rows."""

import json
from typing import Any

from django.db import connections
from opentelemetry.sdk.resources import SERVICE_NAME
from opentelemetry.sdk.trace import Event
from opentelemetry.util.types import Attributes

from monitoring.guard import said
from monitoring.recording import LONGEST_NAME, storable
from monitoring.redaction import public, redact
from monitoring.router import TELEMETRY
from monitoring.store.times import moment
from monitoring.tracing.span import LightSpan

LONGEST_TEXT = 2_000
LARGEST = 2**63
SPAN = (
    *("trace_id", "span_id", "parent_id", "local_root", "name", "kind", "service", "role", "started_at"),
    *("duration_ms", "status", "status_message", "attributes", "events", "links"),
)


def span_row(span: LightSpan, role: str) -> tuple[object, ...]:
    """The values of a span's columns (SPAN) as the database takes them."""
    context, parent, started = span.get_span_context(), span.parent, span.start_time
    events = [_event(event, started) for event in span.events()]
    return (
        f"{context.trace_id:032x}",
        f"{context.span_id:016x}",
        f"{parent.span_id:016x}" if parent else "",
        (parent is None or parent.is_remote) and (span.counted or span.failed),  # nobody looks for what people did
        storable(span.name[:LONGEST_NAME]),
        span.kind.name.lower(),
        str(span.resource.attributes.get(SERVICE_NAME, ""))[:100],
        role,
        connections[TELEMETRY].ops.adapt_datetimefield_value(moment(started / 1e9)),
        span.duration_ms,
        span.status.status_code.name.lower(),
        storable(redact(span.status.description or "")[:500]),
        json.dumps(plain(span.clean_attributes())),
        json.dumps(events) if events else "[]",
        json.dumps([f"{link.context.trace_id:032x}" for link in span.links()]),
    )


def open_span(span: LightSpan) -> dict[str, Any]:
    """What is known of a span before it ends; `started` in seconds since the epoch."""
    context, parent = span.get_span_context(), span.parent
    return {
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
        "parent_id": f"{parent.span_id:016x}" if parent else "",
        "local_root": parent is None or parent.is_remote,
        "name": storable(span.name[:LONGEST_NAME]),
        "kind": span.kind.name.lower(),
        "started": span.start_time / 1e9,
    }


def plain(attributes: Attributes) -> dict[str, Any]:
    """Attributes as JSON can hold them: long text cut, secrets taken out."""
    return {storable(said(key)): _plain_value(value) for key, value in public(attributes).items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value[:LONGEST_TEXT])
    if value is None or (isinstance(value, int | float) and abs(value) < LARGEST):  # which NaN is not
        return value
    if isinstance(value, list | tuple):
        return [_plain_value(part) for part in value]
    return storable(said(value)[:LONGEST_TEXT])  # JSON knows neither infinity nor what else there may be


def _event(event: Event, started: int) -> dict[str, Any]:
    return {
        "name": storable(said(event.name)[:LONGEST_NAME]),
        "at_ms": (event.timestamp - started) / 1e6,
        "attributes": plain(event.attributes),
    }
