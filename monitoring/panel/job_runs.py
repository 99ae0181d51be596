"""Reads what the jobs page shows: the latest attempts, the jobs and their next runs, and what waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _
from django_q.models import OrmQ, Schedule

from monitoring.errors import BadParameter
from monitoring.models import JobRun
from monitoring.panel.formatting import MOST_COUNTED

PAGE = 50
RETRIABLE = (JobRun.Status.FAILED, JobRun.Status.INTERRUPTED)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class RunRow:
    """One attempt. `wait_ms` from enqueued to started, `run_ms` from started to finished (None while it runs)."""

    id: str
    name: str
    attempt: int
    source: str
    status: str
    at: datetime
    wait_ms: float
    run_ms: float | None
    outcome: str
    trace_id: str
    retriable: bool


@dataclass(frozen=True)
class JobRow:
    """One job: when it runs (a cron line and its next moment, if it is scheduled), and how it fared."""

    name: str
    cron: str
    next_run: datetime | None
    last: RunRow | None
    runs: int
    failures: int

    @property
    def scheduled(self) -> bool:
        return bool(self.cron)


@dataclass(frozen=True)
class Waiting:
    """Jobs on the queue, counted up to MOST_COUNTED + 1: `due` to run, `later` taken by a worker or paused."""

    due: int
    later: int
    oldest: datetime | None


@dataclass(frozen=True)
class JobReport:
    """What the jobs page shows, as of `at`."""

    at: datetime
    waiting: Waiting
    jobs: list[JobRow]
    runs: list[RunRow]


def report(now: datetime, name: str = "", status: str = "") -> JobReport:
    return JobReport(now, waiting(now), jobs(now), last_runs(name, status))


def last_runs(name: str = "", status: str = "") -> list[RunRow]:
    """The newest PAGE attempts, of one job or with one status if asked for."""
    if status not in ("", *JobRun.Status.values):
        raise BadParameter("status", status, _("running, success, failed or interrupted"))
    runs = JobRun.objects.order_by("-started_at")
    runs = runs.filter(name=name) if name else runs
    runs = runs.filter(status=status) if status else runs
    return [_row(run) for run in runs[:PAGE]]


def jobs(now: datetime) -> list[JobRow]:
    """Every job that is scheduled, enqueued on demand, or was seen to run; counts are those of the last 24 hours."""
    crons = {name: cron for name, _function, cron in settings.JOB_SCHEDULES}
    next_runs = dict(Schedule.objects.values_list("name", "next_run"))
    day = Q(started_at__gte=now - timedelta(days=1))
    seen = {
        row["name"]: row
        for row in JobRun.objects.values("name").annotate(
            at=Max("started_at"),
            runs=Count("pk", filter=day),
            failures=Count("pk", filter=day & Q(status__in=RETRIABLE)),
        )[:200]
    }
    last = _latest({name: row["at"] for name, row in seen.items()})
    names = dict.fromkeys((*crons, *settings.JOBS_ON_DEMAND, *sorted(seen)))
    return [
        JobRow(
            name=name,
            cron=crons.get(name, ""),
            next_run=next_runs.get(name),
            last=last.get(name),
            runs=seen[name]["runs"] if name in seen else 0,
            failures=seen[name]["failures"] if name in seen else 0,
        )
        for name in names
    ]


def waiting(now: datetime) -> Waiting:
    """A task in the queue carries when it is due: workers push that into the future while they run it."""
    due, later = OrmQ.objects.filter(lock__lte=now), OrmQ.objects.filter(lock__gt=now)
    return Waiting(
        due=due[: MOST_COUNTED + 1].count(),
        later=later[: MOST_COUNTED + 1].count(),
        oldest=due.aggregate(oldest=Min("lock"))["oldest"],
    )


def failures_since(since: datetime) -> int:
    return JobRun.objects.filter(started_at__gte=since, status__in=RETRIABLE)[: MOST_COUNTED + 1].count()


def _latest(at: dict[str, datetime]) -> dict[str, RunRow]:
    if not at:
        return {}
    wanted = reduce(or_, (Q(name=name, started_at=moment) for name, moment in at.items()))
    return {run.name: _row(run) for run in JobRun.objects.filter(wanted)}


def _row(run: JobRun) -> RunRow:
    return RunRow(
        id=run.pk,
        name=run.name,
        attempt=run.attempt,
        source=run.source,
        status=run.status,
        at=run.started_at,
        wait_ms=max(0.0, (run.started_at - run.enqueued_at) / MILLISECOND),
        run_ms=max(0.0, (run.finished_at - run.started_at) / MILLISECOND) if run.finished_at else None,
        outcome=run.outcome,
        trace_id=run.trace_id,
        retriable=run.status in RETRIABLE,
    )
