"""The settings in force, for those who may know them."""

from dataclasses import asdict

from django.http import HttpRequest
from django.utils.translation import gettext as _

from monitoring.pages import staff_page
from monitoring.panel.answers import Page, panel_page
from monitoring.panel.settings_in_force import SOURCES, program, settings_in_force

SEE = "monitoring.view_settings"


@staff_page(SEE)
@panel_page
def in_force(request: HttpRequest) -> Page:
    name, source = request.GET.get("name", "")[:100], request.GET.get("source", "")
    rows, runs = settings_in_force(name, source), program()
    shown = {"rows": rows, "program": runs, "name": name, "source": source, "sources": SOURCES}
    figures = {"program": asdict(runs), "settings": [asdict(row) for row in rows]}
    return Page("monitoring/settings.html", _("Settings in force"), shown, figures)
