"""Acting on jobs: first a page that says what will happen, then doing it and telling what became of each."""

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.pages import page_context
from monitoring.panel import job_actions
from monitoring.panel.answers import panel_action, wants_json
from monitoring.panel.job_items import items

ACT = "monitoring.act_on_jobs"


@panel_action(ACT)
def confirm(request: HttpRequest) -> HttpResponse:
    action, keys = _picked(request)
    if not keys:
        messages.warning(request, _("Nothing was picked: tick what you mean, or all that is shown."))
        return redirect(_back(request))
    found = items(action, keys, now())
    can = [item for item in found if not item.why_not]
    if wants_json(request):
        return JsonResponse({"action": action, "items": [item.figures() for item in found]})
    shown = {"action": action, "can": can, "cannot": [item for item in found if item.why_not]}
    shown |= {"batch": job_actions.new_batch(), "back": _back(request)}
    return _page(request, "monitoring/_jobs_confirm.html", _titles()[action], shown)


@panel_action(ACT)
def act(request: HttpRequest) -> HttpResponse:
    action, keys = _picked(request)
    batch = job_actions.Batch(_actor(request), action, request.POST.get("batch", ""), now())
    results = job_actions.act(batch, keys)
    if wants_json(request):
        return JsonResponse(job_actions.figures(results))
    done = [result for result in results if result.done]
    shown = {"action": action, "done": done, "refused": [result for result in results if not result.done]}
    return _page(request, "monitoring/_jobs_done.html", _titles()[action], shown | {"back": _back(request)})


def _picked(request: HttpRequest) -> tuple[str, list[str]]:
    """The action and the items: one by its own button (`retry run:...`), those ticked, or all that were shown."""
    action, _space, only = request.POST.get("do", "").partition(" ")
    if only:
        return action, [only]
    return action, request.POST.get("shown", "").split() if request.POST.get("all") else request.POST.getlist("item")


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that is a page of ours about jobs."""
    back, jobs = request.POST.get("back", ""), reverse("panel:jobs")
    return back if back.startswith(jobs) and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else jobs


def _actor(request: HttpRequest) -> AbstractBaseUser | None:
    return request.user if isinstance(request.user, AbstractBaseUser) else None


def _titles() -> dict[str, str]:
    return {"retry": _("Retry"), "discard": _("Discard"), "run": _("Run now")}


def _page(request: HttpRequest, template: str, title: str, shown: Mapping[str, object]) -> HttpResponse:
    return render(request, template, {**page_context(request, title), "place": "monitoring", **shown})
