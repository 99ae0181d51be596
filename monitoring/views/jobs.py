"""Jobs: what waits, runs and failed, and what a person may do about it."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.models import JobRun
from monitoring.panel import job_actions, job_runs
from monitoring.panel.answers import Page, panel_action, panel_page

ACT = "monitoring.act_on_jobs"


@panel_page
def jobs(request: HttpRequest) -> Page:
    moment = now()
    name, status = request.GET.get("name", ""), request.GET.get("status", "")
    found = job_runs.report(moment, name, status)
    shown = {"report": found, "name": name, "status": status, "statuses": JobRun.Status.choices}
    return Page("monitoring/jobs.html", _("Jobs"), shown, asdict(found))


@panel_action(ACT)
def run_job(request: HttpRequest, name: str) -> HttpResponse:
    job_actions.run_now(_actor(request), name)
    return _enqueued(request, name)


@panel_action(ACT)
def retry_job(request: HttpRequest, run_id: str) -> HttpResponse:
    return _enqueued(request, job_actions.retry(_actor(request), run_id))


def _actor(request: HttpRequest) -> AbstractBaseUser | None:
    return request.user if isinstance(request.user, AbstractBaseUser) else None


def _enqueued(request: HttpRequest, name: str) -> HttpResponse:
    messages.success(
        request,
        _("The job %(name)s is on the queue: its run appears below as soon as a worker takes it.") % {"name": name},
    )
    return redirect("panel:jobs")
