"""Traces: the list."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.traces import STATUSES, Filters
from monitoring.panel.traces import traces as list_traces
from monitoring.panel.windows import milliseconds


@panel_page
def traces(request: HttpRequest) -> Page:
    filters = Filters(
        name=request.GET.get("name", "").strip()[:200],
        status=request.GET.get("status", ""),
        least=milliseconds(request.GET.get("least") or "0", "least"),
        before=request.GET.get("before", ""),
    )
    page = list_traces(filters)
    kept = {"name": filters.name, "status": filters.status, "least": request.GET.get("least", "")}
    older = "?" + urlencode({**{key: value for key, value in kept.items() if value}, "before": page.older})
    shown = {"page": page, "filters": filters, "statuses": STATUSES, "older": older if page.older else ""}
    return Page("monitoring/traces.html", _("Traces"), shown, {"filters": asdict(filters), **asdict(page)})
