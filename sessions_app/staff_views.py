"""The console of those who work at the desk."""

from collections.abc import Callable
from functools import wraps
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring import page_context, staff_page
from sessions_app import duty, lifecycle, queue
from sessions_app.console import PERMISSION, as_json, duty_context, mine_context
from sessions_app.duty import State
from sessions_app.errors import DeskError, InvalidInput, UnknownSession
from sessions_app.forms import EndForm, WriteUpForm
from sessions_app.models import SupportSession
from sessions_app.pages import SeeOther, View, page, wants_json
from sessions_app.service import TODAY


@staff_page(PERMISSION)
@page("GET", "HEAD")
def console(request: HttpRequest) -> HttpResponse:
    me, now = staff(request).pk, timezone.now()
    duty.asks(me, now)
    if wants_json(request):
        return JsonResponse(as_json(queue.board(now, request.GET.get("window", TODAY)), me))
    board = queue.board(now)
    mine = {**mine_context(board, me), **duty_context(board, me)}
    context = {**page_context(request, _("Support desk")), "place": "desk", "board": board, **mine}
    if request.headers.get("HX-Request") == "true":  # the page polls while it has no socket
        response = render(request, "sessions_app/_board.html", {**context, "fragment": True})
    else:
        response = render(request, "sessions_app/console.html", context)
    response["Cache-Control"] = "no-store"
    return response


def action(act: Callable[..., dict[str, object]]) -> View:
    """A button of the console: its form comes back to the console, a program gets what `act` returns as JSON."""

    @staff_page(PERMISSION)
    @page("POST")
    @wraps(act)
    def pressed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            told = act(request, *args, **kwargs)
        except DeskError as error:
            if wants_json(request):
                raise
            messages.error(request, str(error))
        else:
            if wants_json(request):
                return JsonResponse(told)
        return SeeOther(reverse("desk:console"))

    return pressed


@action
def take_next(request: HttpRequest) -> dict[str, object]:
    keep_last(request)
    return brief(lifecycle.claim_next(staff(request), timezone.now()))


@action
def take(request: HttpRequest, session_id: UUID) -> dict[str, object]:
    keep_last(request)
    return brief(lifecycle.claim(session_id, staff(request), timezone.now()))


@action
def call_back(request: HttpRequest, session_id: UUID) -> dict[str, object]:
    keep_last(request)
    return brief(lifecycle.call_back(session_id, staff(request), timezone.now()))


@action
def requeue(request: HttpRequest, session_id: UUID) -> dict[str, object]:
    return brief(lifecycle.requeue(session_id, staff(request), timezone.now()))


@action
def end(request: HttpRequest, session_id: UUID) -> dict[str, object]:
    return brief(lifecycle.end(session_id, staff(request), **said(EndForm(request.POST)), now=timezone.now()))


@action
def write_up(request: HttpRequest, session_id: UUID) -> dict[str, object]:
    form = WriteUpForm(request.POST)
    return brief(lifecycle.write_up(session_id, staff(request), **said(form), now=timezone.now()))


@action
def start(request: HttpRequest) -> dict[str, object]:
    duty.start(staff(request), timezone.now())
    return {"state": State.AVAILABLE}


@action
def pause(request: HttpRequest) -> dict[str, object]:
    keep_last(request)
    reason = request.POST.get("reason", "")
    duty.pause(staff(request), reason, timezone.now())
    return {"state": State.PAUSED, "reason": reason}


@action
def ready(request: HttpRequest) -> dict[str, object]:
    keep_last(request)
    duty.ready(staff(request), timezone.now())
    return {"state": State.AVAILABLE}


@action
def stop(request: HttpRequest) -> dict[str, object]:
    keep_last(request)
    duty.stop(staff(request), timezone.now())
    return {"state": "off"}


def keep_last(request: HttpRequest) -> None:
    """Going on, with whichever button of the console, loses nothing that was typed about the session before."""
    if "last" in request.POST:
        last, form = session_named(request.POST["last"]), WriteUpForm(request.POST)
        lifecycle.write_up(last, staff(request), **said(form), now=timezone.now())


def said(form: EndForm) -> dict[str, str]:
    """The outcome and the note. InvalidInput names the field that cannot be used."""
    if not form.is_valid():
        raise InvalidInput(" ".join(f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()))
    return form.cleaned_data


def session_named(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UnknownSession from error


def brief(session: SupportSession) -> dict[str, object]:
    return {"id": session.pk, "state": session.state}


def staff(request: HttpRequest) -> User:
    return cast("User", request.user)  # staff_page lets nobody else in
