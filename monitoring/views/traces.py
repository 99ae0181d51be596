"""Traces: the list."""

import time
from dataclasses import asdict

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.scatter import scatter
from monitoring.panel.trace_filters import STATUSES, asked
from monitoring.panel.traces import SEARCHED
from monitoring.panel.traces import traces as list_traces
from monitoring.panel.windows import WINDOWS, offered


@panel_page
def traces(request: HttpRequest) -> Page:
    filters = asked(request.GET, time.time())
    page = list_traces(filters)
    shown = {
        "page": page,
        "searched": SEARCHED,
        "filters": filters,
        "fields": {name: filters.field(name) for name in ("since", "until")},
        "scatter": scatter(page.found, len(page.rows), filters.since, filters.until),
        "statuses": STATUSES,
        "windows": offered(filters.window) if filters.window else list(WINDOWS),
        "zone": get_current_timezone_name(),
        "newest": "?" + filters.address() if filters.before else "",
        "older": "?" + filters.address(page.older) if page.older else "",
    }
    return Page("monitoring/traces.html", _("Traces"), shown, {"filters": asdict(filters), **asdict(page)})
