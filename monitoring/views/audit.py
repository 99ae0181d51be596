"""Who did what to what, for those who may see the audit."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _

from monitoring.keyset import SIDES, Place
from monitoring.pages import staff_page
from monitoring.panel.answers import Page, panel_page
from monitoring.panel.audit_log import Filters, action_words, asked_moment, audit_log

SEE = "monitoring.view_auditentry"
FIELDS = ("actor", "action", "target", "from", "to")


@staff_page(SEE)
@panel_page
def audit(request: HttpRequest) -> Page:
    asked = {name: request.GET.get(name, "").strip()[:200] for name in FIELDS}
    since, until = (asked_moment(name, asked[name]) for name in ("from", "to"))
    side = next((side for side in SIDES if side in request.GET), "")
    filters = Filters(asked["actor"], asked["action"], asked["target"], since, until)
    page = audit_log(filters, Place(side, request.GET.get(side, "")))
    kept = {name: value for name, value in asked.items() if value}
    shown = {
        "page": page,
        "asked": asked | {"since": asked["from"]},
        "actions": action_words(),
        "zone": get_current_timezone_name(),
        "older": "?" + urlencode(kept | {"before": page.older}) if page.older else "",
        "newer": "?" + urlencode(kept | {"after": page.newer}) if page.newer else "",
        "newest": "?" + urlencode(kept) if side else "",
    }
    return Page("monitoring/audit.html", _("Audit"), shown, {"filters": asdict(filters), **asdict(page)})
