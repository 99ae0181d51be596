"""The pages that show which sessions there were, and what became of each."""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import wraps
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring import page_context, staff_page
from sessions_app import history, timeline
from sessions_app.errors import DeskError, InvalidInput
from sessions_app.models import Outcome, State
from sessions_app.pages import View, page, title, wants_json

RIGHTS = ("sessions_app.work_desk", "sessions_app.view_supportsession")
LONGEST_S = 7 * 24 * 3600


class FilterForm(forms.Form):
    """What the address may ask for. A name is not among it: addresses end up in logs and histories."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"), choices=[("", gettext_lazy("any")), *State.choices], required=False
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=[("", gettext_lazy("any")), *Outcome.choices], required=False
    )
    staff = forms.ModelChoiceField(
        label=gettext_lazy("Staff"), queryset=history.staff_seen(), empty_label=gettext_lazy("any"), required=False
    )
    waited_s = forms.IntegerField(
        label=gettext_lazy("Waited longer than (s)"), min_value=0, max_value=LONGEST_S, required=False
    )
    before = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)

    def filters(self) -> history.Filters:
        if not self.is_valid():
            raise InvalidInput(
                " ".join(f"{self[name].label}: {errors[0]}" for name, errors in self.errors.items() if errors)
            )
        return history.Filters(**self.cleaned_data)


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
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields and name != "before"}
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
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    seen = timeline.timeline(session_id, timezone.now())
    if not request.user.has_perm("monitoring.view_panel"):
        seen = replace(seen, trace_id="")
    if wants_json(request):
        return JsonResponse(asdict(seen))
    context = {**page_context(request, _("Session")), "place": "sessions", "timeline": seen, "row": seen.session}
    return render(request, "sessions_app/session.html", context)
