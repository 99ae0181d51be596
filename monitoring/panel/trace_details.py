"""All that is known of one span of a trace."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from monitoring.errors import NotFound
from monitoring.models import Span
from monitoring.panel.trace_usual import Usual, usual
from monitoring.panel.waterfall import Bar, Waterfall


@dataclass(frozen=True)
class Details:
    """A bar with what its span carries, its ancestors from the outermost on, and what its name usually takes."""

    bar: Bar
    attributes: dict[str, Any]
    events: list[dict[str, Any]]
    links: list[str]
    above: list[Bar]
    usual: Usual | None

    @property
    def slow(self) -> float:
        return self.usual.times(self.bar.duration_ms) if self.usual else 0.0


def details(found: Waterfall, span_id: str) -> Details:
    """Raises NotFound for a span that is not in the trace."""
    bar = found.find(span_id)
    if bar is None:
        raise NotFound(_("There is no span %(span)s in this trace.") % {"span": span_id})
    stored = Span.objects.filter(trace_id=found.trace_id, span_id=span_id).first()
    return Details(
        bar=bar,
        attributes=stored.attributes if stored else {},
        events=stored.events if stored else [],
        links=stored.links if stored else [],
        above=found.above(bar),
        usual=usual({bar.name}).get(bar.name),
    )


def carried(trace_id: str) -> dict[str, dict[str, Any]]:
    """What each span of a trace carries, for machines that ask for all of it."""
    rows = Span.objects.filter(trace_id=trace_id).values_list("span_id", "attributes", "events", "links")
    return {
        span_id: {"attributes": attributes, "events": events, "links": links}
        for span_id, attributes, events, links in rows
    }
