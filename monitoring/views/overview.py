"""The overview: is it healthy, and what to fix first; also as a wall, for a screen that nobody operates."""

from dataclasses import asdict

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.panel.answers import Page, panel_page, wants_json
from monitoring.panel.overview_live import reading
from monitoring.panel.strip import strip
from monitoring.panel.verdicts import verdicts

WALLS = ("", "1", "light", "dark")  # "1" is as light as the system


@panel_page
def overview(request: HttpRequest) -> Page:
    wall = request.GET.get("wall", "")
    if wall not in WALLS:
        raise BadParameter("wall", wall, _("1, light or dark"))
    found, seen = reading(), strip(now())
    sentences = verdicts(found)
    template = "monitoring/wall.html" if wall else "monitoring/overview.html"
    if request.headers.get("HX-Request"):  # the moving part alone, when there is no socket
        template = "monitoring/_overview.html"
    shown = {"found": found, "strip": seen, "verdicts": sentences, "wall": wall}
    figures = {"verdicts": [asdict(one) for one in sentences]} | found.as_json(seen) if wants_json(request) else {}
    return Page(template, _("Monitoring"), shown, figures)
