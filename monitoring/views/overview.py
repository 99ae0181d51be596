"""The overview: is it healthy, and what to fix first."""

from dataclasses import asdict

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.overview import snapshot
from monitoring.panel.verdicts import verdicts


@panel_page
def overview(request: HttpRequest) -> Page:
    taken = snapshot(now())
    sentences = verdicts(taken)
    # htmx asks for the moving part alone when there is no socket.
    template = "monitoring/_overview.html" if request.headers.get("HX-Request") else "monitoring/overview.html"
    figures = taken.as_json() | {"verdicts": [asdict(verdict) for verdict in sentences]}
    return Page(template, _("Monitoring"), {"snapshot": taken, "verdicts": sentences}, figures)
