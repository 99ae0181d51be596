"""The processes that record telemetry, and what the telemetry says of itself."""

from dataclasses import asdict

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.panel import doctor
from monitoring.panel.answers import Page, panel_page
from monitoring.panel.findings import facts, findings


@panel_page
def processes(_request: HttpRequest) -> Page:
    found = doctor.examine(now())
    told = findings(found)
    shown = {"found": found, "findings": told, "facts": facts(found)}
    figures = {"findings": [asdict(finding) for finding in told]} | found.as_json()
    return Page("monitoring/processes.html", _("Processes"), shown, figures)
