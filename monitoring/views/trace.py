"""One trace as a waterfall."""

from dataclasses import asdict

from django.http import HttpRequest

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.waterfall import waterfall


@panel_page
def trace(_request: HttpRequest, trace_id: str) -> Page:
    found = waterfall(trace_id)
    return Page("monitoring/trace.html", found.name, {"trace": found}, asdict(found))
