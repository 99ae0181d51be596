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
from sessions_app import lifecycle, queue
from sessions_app.console import PERMISSION, as_json, mine_context
from sessions_app.errors import DeskError, InvalidInput
from sessions_app.forms import EndForm
from sessions_app.models import SupportSession
from sessions_app.pages import SeeOther, View, page, wants_json
from sessions_app.service import TODAY


@staff_page(PERMISSION)
@page("GET", "HEAD")
def console(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        board = queue.board(timezone.now(), request.GET.get("window", TODAY))
        return JsonResponse(as_json(board, staff(request).pk))
    board = queue.board(timezone.now())
    mine = mine_context(board, staff(request).pk)
    context = {**page_context(request, _("Support desk")), "place": "desk", "board": board, **mine}
    if request.headers.get("HX-Request") == "true":  # the page polls while it has no socket
        response = render(request, "sessions_app/_board.html", {**context, "fragment": True})
    else:
        response = render(request, "sessions_app/console.html", context)
    response["Cache-Control"] = "no-store"
    return response


def action(act: Callable[..., SupportSession]) -> View:
    """A button of the console: its form comes back to the console, a program gets JSON."""

    @staff_page(PERMISSION)
    @page("POST")
    @wraps(act)
    def pressed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            session = act(request, *args, **kwargs)
        except DeskError as error:
            if wants_json(request):
                raise
            messages.error(request, str(error))
        else:
            if wants_json(request):
                return JsonResponse({"id": session.pk, "state": session.state})
        return SeeOther(reverse("desk:console"))

    return pressed


@action
def take_next(request: HttpRequest) -> SupportSession:
    return lifecycle.claim_next(staff(request), timezone.now())


@action
def take(request: HttpRequest, session_id: UUID) -> SupportSession:
    return lifecycle.claim(session_id, staff(request), timezone.now())


@action
def requeue(request: HttpRequest, session_id: UUID) -> SupportSession:
    return lifecycle.requeue(session_id, staff(request), timezone.now())


@action
def end(request: HttpRequest, session_id: UUID) -> SupportSession:
    form = EndForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(" ".join(f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()))
    return lifecycle.end(session_id, staff(request), **form.cleaned_data, now=timezone.now())


def staff(request: HttpRequest) -> User:
    return cast("User", request.user)  # staff_page lets nobody else in
