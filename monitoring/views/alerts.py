"""Alerts: what fires, the rules, who is told, and what a person may do about it."""

from collections.abc import Callable
from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import get_current_timezone_name, now
from django.utils.translation import gettext as _

from monitoring.alert_models import NOTE_LENGTH
from monitoring.alerting.rules import rules
from monitoring.keyset import SIDES, Place
from monitoring.panel import alert_actions
from monitoring.panel import alerts as reads
from monitoring.panel.answers import Page, panel_action, panel_page

ACT = "monitoring.act_on_alerts"


@panel_page
def alerts(request: HttpRequest) -> Page:
    side = next((side for side in SIDES if side in request.GET), "")
    found = reads.report(now(), Place(side, request.GET.get(side, "")))
    if request.headers.get("HX-Request"):  # what moves, when there is no socket
        return Page("monitoring/_alerts_live.html", _("Alerts"), {"report": found, "pushed": True}, {})
    lengths = {"1h": _("1 hour"), "4h": _("4 hours"), "24h": _("24 hours"), "until": _("until the time beside")}
    shown = {
        "report": found,
        "lengths": lengths,
        "rules": list(rules()),
        "longest": NOTE_LENGTH,
        "zone": get_current_timezone_name(),
        "paged": bool(side),
    }
    return Page("monitoring/alerts.html", _("Alerts"), shown, asdict(found))


@panel_action(ACT)
def acknowledge(request: HttpRequest, alert_id: int) -> HttpResponse:
    return _done(
        request,
        lambda by: alert_actions.acknowledge(by, alert_id, request.POST.get("note", ""), now()),
        _("Acknowledged: nobody is reminded of it any more, and all are told when it is over."),
    )


@panel_action(ACT)
def silence(request: HttpRequest) -> HttpResponse:
    return _done(
        request,
        lambda by: alert_actions.silence(by, request.POST.dict(), now()),
        _("Silenced: such alerts still show here, and nobody is told of them until then."),
    )


@panel_action(ACT)
def lift(request: HttpRequest, silence_id: int) -> HttpResponse:
    return _done(
        request,
        lambda by: alert_actions.lift(by, silence_id, now()),
        _("The silence has ended: people are told again."),
    )


def _done(request: HttpRequest, action: Callable[[AbstractBaseUser | None], None], well: str) -> HttpResponse:
    """Back to the page, which says that it was done, or that somebody was quicker."""
    try:
        action(request.user if isinstance(request.user, AbstractBaseUser) else None)
    except alert_actions.Late as late:
        messages.warning(request, str(late))
    else:
        messages.success(request, well)
    return redirect("panel:alerts")
