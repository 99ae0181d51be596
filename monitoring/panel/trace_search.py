"""Which spans of a trace a text, or a toggle of its page, asks for."""

from collections.abc import Iterable
from typing import Any

from monitoring.models import Span
from monitoring.panel.waterfall import Bar, Waterfall

FAILED, CRITICAL = "failed", "critical"


def fitting(found: Waterfall, text: str, only: str) -> set[int]:
    """The numbers of the bars that fit both; `text` stands somewhere in what is known of the span, in any case."""
    fits = {bar.number for bar in found.bars if _wanted(bar, only)}
    return fits & _with_text(found, text.casefold()) if text else fits


def _wanted(bar: Bar, only: str) -> bool:
    return bar.failed if only == FAILED else bar.critical if only == CRITICAL else True


def _with_text(found: Waterfall, text: str) -> set[int]:
    """Told attributes are read for this alone: of a large trace they are the larger part."""
    rows = Span.objects.filter(trace_id=found.trace_id).values_list("span_id", "attributes", "events")
    told = {span_id: (attributes, events) for span_id, attributes, events in rows.iterator(chunk_size=1_000)}
    return {
        bar.number
        for bar in found.bars
        if any(text in part.casefold() for part in _texts(bar, *told.get(bar.span_id, ({}, []))))
    }


def _texts(bar: Bar, attributes: dict[str, Any], events: list[dict[str, Any]]) -> Iterable[str]:
    yield from (bar.name, bar.status, bar.message, bar.role, bar.service, bar.kind, bar.span_id)
    yield from (f"{key}={value}" for key, value in attributes.items())
    for event in events:
        yield str(event.get("name", ""))
        yield from (f"{key}={value}" for key, value in event.get("attributes", {}).items())
