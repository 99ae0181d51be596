"""Jobs: what waits, runs and failed; one job; one run."""

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name, now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.job_board import OFFERED, SIZES, Asked, board, jobs_now
from monitoring.panel.job_page import job_page
from monitoring.panel.job_run import run_page
from monitoring.panel.windows import asked_window, local_minute, offered, seconds

LIVE = "monitoring/_jobs_live.html"


@panel_page
def jobs(request: HttpRequest) -> Page:
    moment = now()
    if request.headers.get("HX-Request"):  # the moving part alone, when there is no socket
        live = jobs_now(moment)
        return Page(LIVE, _("Jobs"), {"live": live}, live.figures())
    asked = _asked(request)
    found = board(asked, moment)
    shown = {
        "board": found,
        "live": found.live,
        "asked": asked,
        "tabs": _tabs(asked, found.counts),
        "offered": OFFERED.get(asked.status, ()),
        "windows": offered(asked.window),
        "sizes": SIZES,
        "next": "?" + urlencode(asked.query(before=found.next)) if found.next else "",
        "zone": get_current_timezone_name(),
    }
    if "/" in asked.window:
        since, until = int(found.since.timestamp()), int(found.until.timestamp()) + 1
        shown |= {"from": local_minute(since), "to": local_minute(until)}
    return Page("monitoring/jobs.html", _("Jobs"), shown, found.figures())


@panel_page
def job(request: HttpRequest, name: str) -> Page:
    moment, window = now(), request.GET.get("window", "7d")
    found = job_page(name, moment - timedelta(seconds=seconds(window)), moment)
    shown = {
        "found": found,
        "job": found.job,
        "window": window,
        "windows": offered(window),
        "zone": get_current_timezone_name(),
    }
    return Page("monitoring/job.html", name, shown, found.figures())


@panel_page
def run(_request: HttpRequest, run_id: str) -> Page:
    found = run_page(run_id)
    return Page("monitoring/run.html", found.run.name, {"found": found, "run": found.run}, found.figures())


def _asked(request: HttpRequest) -> Asked:
    return Asked(
        name=request.GET.get("name", ""),
        status=request.GET.get("status", ""),
        window=asked_window(request.GET, otherwise="24h"),
        before=request.GET.get("before", ""),
        size=request.GET.get("rows", Asked.size),
    )


def _tabs(asked: Asked, counts: dict[str, int]) -> list[dict[str, object]]:
    """Each state with its words, its count and its address; the first stands for all runs."""
    words = {
        "": _("All runs"),
        "waiting": pgettext("jobs", "Waiting"),
        "later": pgettext("jobs", "Later"),
        "running": pgettext("jobs", "Running"),
        "success": pgettext("jobs", "Succeeded"),
        "failed": pgettext("jobs", "Failed"),
        "interrupted": pgettext("jobs", "Interrupted"),
        "discarded": pgettext("jobs", "Discarded"),
    }
    return [
        {
            "status": status,
            "words": said,
            "count": counts.get(status),
            "address": "?" + urlencode(asked.query(status=status)),
            "bad": status in ("failed", "interrupted") and bool(counts[status]),
        }
        for status, said in words.items()
    ]
