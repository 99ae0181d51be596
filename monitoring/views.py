"""The panel's pages: read the address, ask the reads, and hand over what they found."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import get_current_timezone_name, now
from django.utils.translation import gettext as _

from monitoring.models import JobRun
from monitoring.panel import doctor, job_actions, job_runs
from monitoring.panel.answers import Page, panel_action, panel_page
from monitoring.panel.bottlenecks import bottlenecks as rank
from monitoring.panel.findings import facts, findings
from monitoring.panel.overview import complete_until, snapshot
from monitoring.panel.traces import STATUSES, Filters
from monitoring.panel.traces import traces as list_traces
from monitoring.panel.verdicts import verdicts
from monitoring.panel.waterfall import waterfall
from monitoring.panel.windows import WINDOWS, local_minute, milliseconds, seconds
from monitoring.store.living import living

ACT = "monitoring.act_on_jobs"


@panel_page
def overview(request: HttpRequest) -> Page:
    taken = snapshot(now())
    sentences = verdicts(taken)
    # htmx asks for the moving part alone when there is no socket.
    template = "monitoring/_overview.html" if request.headers.get("HX-Request") else "monitoring/overview.html"
    figures = taken.as_json() | {"verdicts": [asdict(verdict) for verdict in sentences]}
    return Page(template, _("Monitoring"), {"snapshot": taken, "verdicts": sentences}, figures)


@panel_page
def bottlenecks(request: HttpRequest) -> Page:
    window = request.GET.get("window", "1h")
    if request.GET.get("from") or request.GET.get("to"):  # the form's two fields, which make one window
        window = f"{request.GET.get('from')}/{request.GET.get('to')}"
    asked = request.GET.get("threshold", "")  # empty: each name's own
    report, moment = rank(window, milliseconds(asked) if asked else None), now()
    shown = {
        "report": report,
        "windows": WINDOWS if "/" in window else sorted({*WINDOWS, window}, key=seconds),
        "complete_until": complete_until(living(moment), moment),
        "zone": get_current_timezone_name(),
    }
    if "/" in window:
        shown |= {"from": local_minute(report.since), "to": local_minute(report.until + 1)}
    return Page("monitoring/bottlenecks.html", _("Bottlenecks"), shown, report.as_json())


@panel_page
def traces(request: HttpRequest) -> Page:
    filters = Filters(
        name=request.GET.get("name", "").strip()[:200],
        status=request.GET.get("status", ""),
        least=milliseconds(request.GET.get("least") or "0", "least"),
        before=request.GET.get("before", ""),
    )
    page = list_traces(filters)
    kept = {"name": filters.name, "status": filters.status, "least": request.GET.get("least", "")}
    older = "?" + urlencode({**{key: value for key, value in kept.items() if value}, "before": page.older})
    shown = {"page": page, "filters": filters, "statuses": STATUSES, "older": older if page.older else ""}
    return Page("monitoring/traces.html", _("Traces"), shown, {"filters": asdict(filters), **asdict(page)})


@panel_page
def trace(_request: HttpRequest, trace_id: str) -> Page:
    found = waterfall(trace_id)
    return Page("monitoring/trace.html", found.name, {"trace": found}, asdict(found))


@panel_page
def jobs(request: HttpRequest) -> Page:
    moment = now()
    name, status = request.GET.get("name", ""), request.GET.get("status", "")
    found = job_runs.report(moment, name, status)
    shown = {"report": found, "name": name, "status": status, "statuses": JobRun.Status.choices}
    return Page("monitoring/jobs.html", _("Jobs"), shown, asdict(found))


@panel_page
def processes(_request: HttpRequest) -> Page:
    found = doctor.examine(now())
    told = findings(found)
    shown = {"found": found, "findings": told, "facts": facts(found)}
    figures = {"findings": [asdict(finding) for finding in told]} | found.as_json()
    return Page("monitoring/processes.html", _("Processes"), shown, figures)


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
