"""One trace as a waterfall: the page, more of its rows, and what is known of one of its spans."""

from dataclasses import asdict, fields, replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from monitoring.panel.answers import Page, panel_page, wants_json
from monitoring.panel.trace_details import carried, details
from monitoring.panel.trace_drawing import axis
from monitoring.panel.trace_links import linked
from monitoring.panel.trace_reading import span_of, trace_of
from monitoring.panel.trace_records import log_lines, measures
from monitoring.panel.trace_rows import Wanted, rows, wanted
from monitoring.panel.trace_spent import spent
from monitoring.panel.waterfall import Waterfall, waterfall

NOTHING: dict[str, Any] = {"attributes": {}, "events": [], "links": []}


@panel_page
def trace(request: HttpRequest, trace_id: str) -> Page:
    asked = wanted(request.GET)
    found = waterfall(trace_of(trace_id))
    if wants_json(request):
        return Page("monitoring/trace.html", found.name, {}, _figures(found))
    lines, more_lines = log_lines(found)
    shown = {
        "trace": found,
        "asked": asked,
        "page": rows(found, asked),
        "axis": axis(max(found.duration_ms, 0.001)),
        "spent": spent(found),
        "measures": measures(found),
        "lines": lines,
        "more_lines": more_lines,
        "linked": linked(found),
        "opened": details(found, asked.span) if asked.span and found.find(asked.span) else None,
        "toggles": _toggles(asked),
    }
    return Page("monitoring/trace.html", found.name, shown, {})


@panel_page
def more_rows(request: HttpRequest, trace_id: str) -> Page:
    """The rows from `after` on, as the page adds them to those that it has."""
    asked = wanted(request.GET)
    found = waterfall(trace_of(trace_id))
    page = rows(found, asked)
    figures = {"rows": [asdict(row.bar) for row in page.rows], "later": page.later}
    return Page("monitoring/_rows.html", found.name, {"trace": found, "asked": asked, "page": page}, figures)


@panel_page
def span(request: HttpRequest, trace_id: str, span_id: str) -> Page:
    """What is known of one span: a page of its own, or the part that its row shows."""
    found = waterfall(trace_of(trace_id))
    known = details(found, span_of(span_id))
    template = "monitoring/_span.html" if request.headers.get("HX-Request") else "monitoring/span.html"
    return Page(template, known.bar.name, {"trace": found, "known": known}, asdict(known))


def _toggles(asked: Wanted) -> list[tuple[str, str, bool]]:
    """What can be shown alone: its words, the address that does so or ends it, and whether it is so now."""
    words = {"failed": _("Only failed"), "critical": _("Only the critical path")}
    return [
        (text, replace(asked.beginning(), only="" if asked.only == only else only).address, asked.only == only)
        for only, text in words.items()
    ]


def _figures(found: Waterfall) -> dict[str, Any]:
    """The whole trace for machines: every span with all that it carries."""
    told = carried(found.trace_id)
    lines, _more = log_lines(found)
    return {
        **{field.name: getattr(found, field.name) for field in fields(found)},
        "lanes": [asdict(lane) for lane in found.lanes],
        "bars": [asdict(bar) | told.get(bar.span_id, NOTHING) for bar in found.bars],
        "spent": [asdict(part) for part in spent(found)],
        "measures": [asdict(measure) for measure in measures(found)],
        "logs": [asdict(line) for line in lines],
        "linked": [asdict(link) for link in linked(found)],
    }
