"""Jobs: what waits, runs and failed; one job; one run."""

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name, now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from monitoring.errors import BadParameter
from monitoring.panel.answers import Page, panel_page
from monitoring.panel.job_board import OFFERED, SIZES, TIMES, Asked, board, jobs_now, times_now
from monitoring.panel.job_page import job_page
from monitoring.panel.job_run import run_page
from monitoring.panel.job_times import times
from monitoring.panel.windows import asked_window, local_minute, offered, seconds

LIVE, NEWS, DRAWN = "monitoring/_jobs_live.html", "monitoring/_jobs_news.html", "monitoring/_jobs_times.html"


@panel_page
def jobs(request: HttpRequest) -> Page:
    moment, asked = now(), _asked(request)
    if request.headers.get("HX-Request"):  # one part alone: the times, or what moves when there is no socket
        if asked.show == TIMES:
            return Page(DRAWN, _("Times"), {"times": times_now(asked, moment)}, {})
        live = jobs_now(moment)
        return Page(LIVE, _("Jobs"), {"live": live}, live.figures())
    found = board(asked, moment)
    shown = {
        "board": found,
        "live": found.live,
        "asked": asked,
        "tabs": _tabs(asked, found.counts),
        "offered": OFFERED.get(asked.status, ()),
        "windows": offered(asked.window),
        "sizes": SIZES,
        "times_address": "?" + urlencode(asked.query(show=TIMES)),
        "next": "?" + urlencode(asked.query(before=found.next)) if found.next else "",
        "zone": get_current_timezone_name(),
    }
    if "/" in asked.window:
        since, until = int(found.since.timestamp()), int(found.until.timestamp()) + 1
        shown |= {"from": local_minute(since), "to": local_minute(until)}
    return Page("monitoring/jobs.html", _("Jobs"), shown, found.figures())


@panel_page
def job(request: HttpRequest, name: str) -> Page:
    moment, window, shown_too = now(), request.GET.get("window", "7d"), _show(request)
    since = moment - timedelta(seconds=seconds(window))
    live = jobs_now(moment)
    if request.headers.get("HX-Request"):
        if shown_too != TIMES:
            return Page(NEWS, _("Jobs"), {"live": live}, {})
        drawn = times(since.timestamp(), moment.timestamp(), moment.timestamp(), name)
        return Page(DRAWN, _("Times"), {"times": drawn}, {})
    found = job_page(name, since, moment, with_times=shown_too == TIMES)
    shown = {
        "found": found,
        "live": live,
        "job": found.job,
        "window": window,
        "times_address": "?" + urlencode({"window": window, "show": TIMES}),
        "windows": offered(window),
        "zone": get_current_timezone_name(),
    }
    return Page("monitoring/job.html", name, shown, found.figures())


@panel_page
def run(request: HttpRequest, run_id: str) -> Page:
    live = jobs_now(now())
    if request.headers.get("HX-Request"):
        return Page(NEWS, _("Jobs"), {"live": live}, {})
    found = run_page(run_id)
    shown = {"found": found, "run": found.run, "live": live}
    return Page("monitoring/run.html", found.run.name, shown, found.figures())


def _asked(request: HttpRequest) -> Asked:
    return Asked(
        name=request.GET.get("name", ""),
        status=request.GET.get("status", ""),
        window=asked_window(request.GET, otherwise="24h"),
        before=request.GET.get("before", ""),
        size=request.GET.get("rows", Asked.size),
        show=_show(request),
    )


def _show(request: HttpRequest) -> str:
    """JSON has all numbers."""
    shown = TIMES if request.GET.get("format") == "json" else request.GET.get("show", "")
    if shown not in ("", TIMES):
        raise BadParameter("show", shown, _("times"))
    return shown


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
