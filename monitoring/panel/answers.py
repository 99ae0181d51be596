"""How the panel answers: a page or its JSON, and for every mistake a page that says what to do."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter, NotFound
from monitoring.pages import page_context, staff_page

PERMISSION = "monitoring.view_panel"
MISTAKES = (BadParameter, NotFound, DatabaseError)


@dataclass(frozen=True)
class Page:
    """What a view found: a template with what it shows, and the same numbers for machines."""

    template: str
    title: str
    shown: dict[str, Any]
    figures: dict[str, Any]


def panel_page(view: Callable[..., Page]) -> Callable[..., HttpResponseBase]:
    """Make a view that reads into a staff page: ?format=json answers with the same numbers as JSON."""

    @staff_page(PERMISSION)
    @wraps(view)
    def answer(request: HttpRequest, /, **kwargs: str) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return wrong_method(request, "GET, HEAD")
        started = time.perf_counter()
        try:
            as_json = wants_json(request)
            page = view(request, **kwargs)
        except MISTAKES as error:
            return mistake(request, error)
        read_ms = (time.perf_counter() - started) * 1000
        if as_json:
            return JsonResponse(page.figures)
        context = page_context(request, page.title) | {"place": "monitoring", "read_ms": read_ms} | page.shown
        return render(request, page.template, context)

    return answer


def panel_action(*permissions: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponseBase]]:
    """Make a view that does something into one that takes POST alone, from staff with the permissions."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
        @staff_page(PERMISSION, *permissions)
        @wraps(view)
        def answer(request: HttpRequest, /, **kwargs: str) -> HttpResponseBase:
            if request.method != "POST":
                return wrong_method(request, "POST")
            try:
                return view(request, **kwargs)
            except MISTAKES as error:
                return mistake(request, error)

        return answer

    return decorate


def wants_json(request: HttpRequest) -> bool:
    asked = request.GET.get("format", "html")
    if asked not in ("html", "json"):
        raise BadParameter("format", asked, _("html or json"))
    return asked == "json"


def mistake(request: HttpRequest, error: Exception) -> HttpResponse:
    """The page (or JSON) for a mistake: its status, what happened and what to do."""
    if isinstance(error, BadParameter):
        return _told(request, 400, str(error), _("Correct it in the address, or begin again from the overview."))
    if isinstance(error, NotFound):
        return _told(request, 404, str(error), _("It may be too old: look for a newer one in the list."))
    return _told(
        request,
        503,
        _("The telemetry database did not answer, so there are no numbers to show. The desk is not affected."),
        _("See that it can be read and written, and that manage.py migrate --database telemetry was run."),
    )


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    response = _told(
        request, 405, _("This address does not take %s requests.") % request.method, _("Use the buttons of the page.")
    )
    response["Allow"] = allowed
    return response


def _told(request: HttpRequest, status: int, what: str, then: str) -> HttpResponse:
    if request.GET.get("format") == "json":
        return JsonResponse({"error": what}, status=status)
    titles = {400: _("That cannot be shown"), 404: _("Not found"), 405: _("Not like this"), 503: _("No numbers now")}
    context = page_context(request, titles[status]) | {"place": "monitoring", "what": what, "then": then}
    return render(request, "monitoring/mistake.html", context, status=status)
