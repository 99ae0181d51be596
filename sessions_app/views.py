"""The customer's pages: join, wait, leave, or leave a message."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from sessions_app import lifecycle, limits, pace, queue, sweeping, tokens
from sessions_app.door import Way, door
from sessions_app.errors import DeskClosed, LinkUnknown, QueueFull, SessionOver
from sessions_app.forms import AnswerForm, JoinForm, MessageForm
from sessions_app.models import Role, State, SupportSession
from sessions_app.pages import SeeOther, page, wants_json
from sessions_app.quotes import quote
from sessions_app.status import statuses
from sessions_app.transitions import get


@page("GET", "HEAD", "POST")
def join(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return front(request, JoinForm(), now)
    limits.allow(request, "join", settings.DESK_JOINS_PER_MINUTE)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return front(request, form, now, 422)
    try:
        session = lifecycle.join(**form.cleaned_data, language=translation.get_language(), now=now)
    except (DeskClosed, QueueFull) as refused:
        if wants_json(request):
            raise
        return front(request, form, now, refused.status, refused.retry_after)
    return to_visit(session)


def front(
    request: HttpRequest, form: JoinForm, now: datetime, status: int = 200, retry_after: int | None = None
) -> HttpResponse:
    """The start page: what to expect, and the form to join, or while nobody can, the one for a message."""
    found = door(now)
    if found.way == Way.FULL and status == 200:
        status, retry_after = QueueFull.status, QueueFull.retry_after
    waiting = queue.waiting().count()
    least, most = quote(pace.recent(now).expected_wait_s(waiting + 1))
    context = {"door": found, "waiting": waiting, "least": least, "most": most, "form": form}
    if not found.lets_in:
        context["form"] = MessageForm(initial=typed(request))
    response = render(request, "sessions_app/join.html", context, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def typed(request: HttpRequest) -> dict[str, str]:
    """What was typed into the form to join, for the one to leave a message."""
    return {name: request.POST[name] for name in JoinForm.base_fields if name in request.POST}


@page("GET", "HEAD", "POST")
def message(request: HttpRequest) -> HttpResponse:
    """The form for a message; the one to join leads here, too, with what was typed into it and the word `begin`."""
    form, status = MessageForm(initial=typed(request)), 200
    if request.method == "POST" and "begin" not in request.POST:
        limits.allow(request, "message", settings.DESK_JOINS_PER_MINUTE)
        form, status = MessageForm(request.POST), 422
        if form.is_valid():
            left = lifecycle.leave_message(**form.cleaned_data, language=translation.get_language(), now=timezone.now())
            return to_visit(left)
    return render(request, "sessions_app/message.html", {"form": form, "action": reverse("message")}, status=status)


@csrf_exempt  # as leave is
@page("GET", "HEAD", "POST")
def message_instead(request: HttpRequest, token: str) -> HttpResponse:
    """A message in place of waiting on: name and topic are known."""
    session, now = get(customer_of(token)), timezone.now()
    form, status = AnswerForm(), 200
    with translation.override(session.language):
        if request.method == "POST":
            limits.allow(request, "message", settings.DESK_JOINS_PER_MINUTE)
            form, status = AnswerForm(request.POST), 422
            if form.is_valid():
                known = {"name": session.name, "topic": session.topic, "language": session.language}
                left = lifecycle.leave_message(**form.cleaned_data, **known, now=now, instead_of=session.pk)
                return to_visit(left)
        context = {"form": form, "action": reverse("message_instead", args=[token]), "visit": token}
        return secret(render(request, "sessions_app/message.html", context, status=status))


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
        contact = get(session_id).contact if status.callback else ""
        context = {"status": status, "token": token, "contact": contact, "form": AnswerForm(), **rhythm()}
        return secret(render(request, "sessions_app/visit.html", context))


@csrf_exempt  # who knows the token may leave; a page without a referrer could not pass the check of the origin
@page("POST")
def leave(_request: HttpRequest, token: str) -> HttpResponse:
    lifecycle.leave(customer_of(token), timezone.now())
    return SeeOther(reverse("visit", args=[token]))


def to_visit(session: SupportSession) -> SeeOther:
    """To the customer's own page, whose address is theirs for as long as the visit may last."""
    days = settings.DESK_CALLBACK_DAYS if session.callback else 0
    return SeeOther(reverse("visit", args=[tokens.make(session.pk, Role.CUSTOMER, days=days)]))


def secret(response: HttpResponse) -> HttpResponse:
    """Of a page whose address is a secret."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


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
