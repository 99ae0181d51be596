"""The traces that a trace's spans link to, and those that link to it."""

from dataclasses import dataclass
from datetime import timedelta

from monitoring.models import Span
from monitoring.panel.waterfall import Waterfall

MOST = 20
SEARCHED = 5_000  # spans that are looked at for a link to the trace
BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LinkedTrace:
    """Another trace, the span there that links here or begins it, and whether the link is `from_here`."""

    trace_id: str
    span_id: str
    name: str
    from_here: bool


def linked(found: Waterfall) -> list[LinkedTrace]:
    """Up to MOST of either direction."""
    return [*_from_here(found), *_to_here(found)]


def _from_here(found: Waterfall) -> list[LinkedTrace]:
    rows = Span.objects.filter(trace_id=found.trace_id).exclude(links=[]).order_by("started_at")
    ids = list(dict.fromkeys(link for links in rows.values_list("links", flat=True)[:1_000] for link in links))[:MOST]
    firsts = Span.objects.filter(trace_id__in=ids, local_root=True).order_by("-started_at")
    names = {trace_id: (span_id, name) for trace_id, span_id, name in firsts.values_list("trace_id", "span_id", "name")}
    return [LinkedTrace(trace_id, *names.get(trace_id, ("", "")), from_here=True) for trace_id in ids]


def _to_here(found: Waterfall) -> list[LinkedTrace]:
    """Looked for among the spans before the trace's end: no index has links, and a trace tells what is past."""
    ended = found.began + timedelta(milliseconds=found.duration_ms)
    before = Span.objects.filter(started_at__gte=found.began - BEFORE, started_at__lte=ended).order_by("-started_at")
    rows = Span.objects.filter(pk__in=before.values("pk")[:SEARCHED]).exclude(links=[]).order_by("-started_at")
    telling = {
        trace_id: (span_id, name)
        for trace_id, span_id, name, links in rows.values_list("trace_id", "span_id", "name", "links")
        if found.trace_id in links and trace_id != found.trace_id
    }
    return [LinkedTrace(trace_id, *told, from_here=False) for trace_id, told in list(telling.items())[:MOST]]
