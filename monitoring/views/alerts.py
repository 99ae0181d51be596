"""Alerts: what fires, the rules, who is told, and what a person may do about it."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import get_current_timezone_name, now
from django.utils.translation import gettext as _

from monitoring.alert_models import NOTE_LENGTH
from monitoring.panel import alert_actions
from monitoring.panel import alerts as reads
from monitoring.panel.answers import Page, panel_action, panel_page

ACT = "monitoring.act_on_alerts"


@panel_page
def alerts(request: HttpRequest) -> Page:
    found = reads.report(now(), request.GET.get("before", ""))
    lengths = {"1h": _("1 hour"), "4h": _("4 hours"), "24h": _("24 hours"), "until": _("until the time beside")}
    shown = {
        "report": found,
        "lengths": lengths,
        "longest": NOTE_LENGTH,
        "zone": get_current_timezone_name(),
        "before": request.GET.get("before", ""),
    }
    return Page("monitoring/alerts.html", _("Alerts"), shown, asdict(found))


@panel_action(ACT)
def acknowledge(request: HttpRequest, alert_id: int) -> HttpResponse:
    alert_actions.acknowledge(_actor(request), alert_id, request.POST.get("note", ""), now())
    messages.success(request, _("Acknowledged: nobody is reminded of it any more, and all are told when it is over."))
    return redirect("panel:alerts")


@panel_action(ACT)
def silence(request: HttpRequest) -> HttpResponse:
    alert_actions.silence(_actor(request), request.POST, now())
    messages.success(request, _("Silenced: alerts still show here, and nobody is told of them until then."))
    return redirect("panel:alerts")


@panel_action(ACT)
def lift(request: HttpRequest, silence_id: int) -> HttpResponse:
    alert_actions.lift(_actor(request), silence_id, now())
    messages.success(request, _("The silence has ended: people are told again."))
    return redirect("panel:alerts")


def _actor(request: HttpRequest) -> AbstractBaseUser | None:
    return request.user if isinstance(request.user, AbstractBaseUser) else None
