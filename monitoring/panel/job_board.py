"""Reads the jobs page: what its address asks for, the numbers and lists that answer it, and what of it moves."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.models import JobRun
from monitoring.panel import job_queue, job_runs
from monitoring.panel.job_items import DISCARD, RETRY, RUN
from monitoring.panel.job_list import JobRow, jobs
from monitoring.panel.job_times import JobTimes, times
from monitoring.panel.job_workers import Workers, workers
from monitoring.panel.windows import period
from monitoring.store.times import moment

SIZES = ("25", "100", "1000")
# What can be done to what a list shows.
OFFERED: dict[str, tuple[str, ...]] = {
    "": (RETRY, DISCARD),
    **dict.fromkeys(job_runs.RETRIABLE, (RETRY, DISCARD)),
    job_queue.WAITING: (DISCARD,),
    job_queue.LATER: (RUN, DISCARD),
}
TIMES = "times"  # what is shown when it is asked for
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a state of the queue or a status of runs, one job, a window, a page, the times."""

    name: str = ""
    status: str = ""
    window: str = "24h"
    before: str = ""
    size: str = "25"
    show: str = ""

    def __post_init__(self) -> None:
        if self.status not in ("", *job_queue.LISTS, *JobRun.Status.values):
            raise BadParameter("status", self.status, _("one of those that the page offers"))
        if self.size not in SIZES:
            raise BadParameter("rows", self.size, _("25, 100 or 1000"))

    def period(self, now: datetime) -> tuple[datetime, datetime]:
        """Raises BadParameter."""
        first, last = period(self.window, int(now.timestamp()))
        return moment(first), moment(last) if "/" in self.window else now

    @property
    def of_queue(self) -> bool:
        return self.status in job_queue.LISTS

    def query(self, **changed: str) -> dict[str, str]:
        """The address' parameters, with some changed; without those that say what is so anyway."""
        usual = Asked()
        told = {"name": self.name, "status": self.status, "window": self.window, "rows": self.size, "show": self.show}
        plain = {"name": "", "status": "", "window": usual.window, "rows": usual.size, "show": "", "before": ""}
        told |= changed
        return {key: value for key, value in told.items() if value != plain[key]}


@dataclass(frozen=True)
class JobsNow:
    """What moves, as of `at`: the queue, the workers, and the attempts begun in the last hour by status.

    `latest` is the attempt that began last: with the numbers, it tells whether there is news.
    """

    at: datetime
    queue: job_queue.Waiting
    running: int
    ended: dict[str, int]
    workers: Workers
    latest: str

    @property
    def waited_s(self) -> float | None:
        """How long the first of those that wait has been due, in seconds."""
        return max(0.0, (self.at - self.queue.oldest).total_seconds()) if self.queue.oldest else None

    @property
    def news(self) -> str:
        """The same text as long as the lists of the page are the same."""
        return "-".join(map(str, (self.queue.due, self.queue.later, self.running, *self.ended.values(), self.latest)))

    def figures(self) -> dict[str, Any]:
        return asdict(self) | {"waited_s": self.waited_s}


@dataclass(frozen=True)
class Board:
    """The page as of `at`; runs began from `since` to `until`. `counts` are of the runs and of the queue by status."""

    at: datetime
    since: datetime
    until: datetime
    live: JobsNow
    jobs: list[JobRow]
    times: JobTimes | None
    counts: dict[str, int]
    next: str
    runs: list[job_runs.RunRow] = field(default_factory=list)
    queue: list[job_queue.QueueRow] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "since": self.since,
            "until": self.until,
            "counts": self.counts,
            "next": self.next,
            "live": self.live.figures(),
            "jobs": [job.figures() for job in self.jobs],
            "times": self.times.figures() if self.times else None,
            "runs": [asdict(run) | {"retriable": run.retriable} for run in self.runs],
            "queue": [row.figures() for row in self.queue],
        }


def jobs_now(now: datetime) -> JobsNow:
    ended = job_runs.counts(job_runs.RunFilters(since=now - HOUR, until=now))
    latest = JobRun.objects.order_by("-started_at").values_list("pk", flat=True).first()
    return JobsNow(
        at=now,
        queue=job_queue.waiting(now),
        running=JobRun.objects.filter(status=JobRun.Status.RUNNING).count(),
        ended=ended,
        workers=workers(now),
        latest=latest or "",
    )


def times_now(asked: Asked, now: datetime) -> JobTimes:
    """Raises BadParameter."""
    since, until = asked.period(now)
    return times(since.timestamp(), until.timestamp(), now.timestamp(), asked.name)


def board(asked: Asked, now: datetime) -> Board:
    """Raises BadParameter."""
    since, until = asked.period(now)
    live, known = jobs_now(now), jobs(now)
    if asked.name and asked.name not in {job.name for job in known}:
        raise BadParameter("name", asked.name, _("a job that the page lists"))
    filters = job_runs.RunFilters(
        since, until, asked.name, "" if asked.of_queue else asked.status, asked.before, int(asked.size)
    )
    queue = {job_queue.WAITING: live.queue.due, job_queue.LATER: live.queue.later}
    found = _listed(asked, filters, now)
    return Board(
        at=now,
        since=since,
        until=until,
        live=live,
        jobs=known,
        times=times_now(asked, now) if asked.show == TIMES else None,
        counts=queue | job_runs.counts(filters),
        **found,
    )


def _listed(asked: Asked, filters: job_runs.RunFilters, now: datetime) -> dict[str, Any]:
    if asked.of_queue:
        waiting = job_queue.page(now, asked.status, asked.name, asked.before, filters.size)
        return {"queue": waiting.rows, "next": waiting.next}
    ran = job_runs.page(filters)
    return {"runs": ran.rows, "next": ran.older}
