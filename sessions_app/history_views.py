"""The pages that show which sessions there were, and what became of each."""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import wraps
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring import page_context, staff_page
from sessions_app import curves, history, setup_times, timeline
from sessions_app.errors import DeskError
from sessions_app.history_form import FilterForm
from sessions_app.pages import View, page, title, wants_json

RIGHTS = ("sessions_app.work_desk", "sessions_app.view_supportsession")


def history_page(view: Callable[..., HttpResponse]) -> View:
    """A page for those who work at the desk or may read its records; what cannot be shown says so in the frame."""

    @staff_page()
    @page("GET", "HEAD")
    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not any(request.user.has_perm(right) for right in RIGHTS):
            raise PermissionDenied
        try:
            response = view(request, *args, **kwargs)
        except DeskError as error:
            if wants_json(request):
                raise
            context = {**page_context(request, title(error.status)), "reason": str(error), "place": "sessions"}
            response = render(request, "sessions_app/session_mistake.html", context, status=error.status)
        response["Cache-Control"] = "no-store"
        return response

    return shown


@history_page
def sessions(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET, auto_id=False)
    filters = form.filters()
    found = history.sessions(filters, timezone.now())
    if wants_json(request):
        return JsonResponse(asdict(found))
    asked = form.asked()
    context = {
        **page_context(request, _("Sessions")),
        "place": "sessions",
        "page": found,
        "form": form,
        "asked": urlencode(asked),
        "older": urlencode({**asked, "before": found.older}) if found.older else "",
        "filtered": bool(asked) or bool(filters.before),
    }
    return render(request, "sessions_app/sessions.html", context)


@history_page
def setup(request: HttpRequest) -> HttpResponse:
    shown = setup_times.setup_times(request.GET.get("window", "7d"), timezone.now())
    if wants_json(request):
        shares = {"relay_share": shown.relay_share, "ice_failed_share": shown.ice_failed_share}
        return JsonResponse(asdict(shown) | shares)
    context = {
        **page_context(request, _("Setup times")),
        "place": "sessions",
        "shown": shown,
        "windows": list(setup_times.WINDOWS),
    }
    return render(request, "sessions_app/setup.html", context)


@history_page
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    seen = timeline.timeline(session_id, timezone.now())
    if not request.user.has_perm("monitoring.view_panel"):
        seen = replace(seen, trace_id="")
    if wants_json(request):
        return JsonResponse(asdict(seen))
    context = {
        **page_context(request, _("Session")),
        "place": "sessions",
        "timeline": seen,
        "row": seen.session,
        "drawing": curves.drawing(session_id, seen.session.joined_at),
    }
    return render(request, "sessions_app/session.html", context)
