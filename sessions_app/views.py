"""The customer's pages: join, wait, leave."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from sessions_app import lifecycle, limits, queue, sweeping, tokens
from sessions_app.errors import LinkUnknown, SessionOver
from sessions_app.forms import JoinForm
from sessions_app.models import Role, State
from sessions_app.pages import SeeOther, page
from sessions_app.status import statuses


@page("GET", "HEAD", "POST")
def join(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "sessions_app/join.html", {"form": JoinForm()})
    limits.allow(request, "join", settings.DESK_JOINS_PER_MINUTE)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return render(request, "sessions_app/join.html", {"form": form}, status=422)
    session = lifecycle.join(**form.cleaned_data, language=translation.get_language(), now=timezone.now())
    return SeeOther(reverse("visit", args=[tokens.make(session.pk, Role.CUSTOMER)]))


@page("GET", "HEAD")
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's own page. Asking for it is a sign of life and answers a claim, as no script may be there to."""
    session_id, now = customer_of(token), timezone.now()
    sweeping.heartbeat([session_id], now)
    status = statuses([session_id], now).get(session_id)
    if status is not None and status.state == State.CONNECTING and lifecycle.connected(session_id, now):
        status = statuses([session_id], now)[session_id]
    if status is None:
        raise LinkUnknown
    with translation.override(status.language):
        if status.over:
            raise SessionOver(str(SessionOver.sentence))
        context = {"status": status, "token": token, **rhythm()}
        response = render(request, "sessions_app/visit.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address is a secret
    return response


@csrf_exempt  # who knows the token may leave; a page without a referrer could not pass the check of the origin
@page("POST")
def leave(_request: HttpRequest, token: str) -> HttpResponse:
    lifecycle.leave(customer_of(token), timezone.now())
    return SeeOther(reverse("visit", args=[token]))


def customer_of(token: str) -> UUID:
    bearer = tokens.read(token)
    if bearer.role != Role.CUSTOMER:
        raise LinkUnknown
    return bearer.session_id


def rhythm() -> dict[str, int]:
    """How often a page gives a sign of life; one without script asks for itself anew, in time to answer a claim."""
    gone_after_s = settings.DESK_GONE_AFTER
    refresh_s = max(1, min(gone_after_s, settings.DESK_ANSWER_WITHIN) // 3)
    return {"gone_after_s": gone_after_s, "beat_ms": int(queue.beat_s() * 1000), "refresh_s": refresh_s}
