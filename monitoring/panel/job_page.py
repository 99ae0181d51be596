"""Reads all that the page of one job tells."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from opentelemetry.semconv.attributes.code_attributes import CODE_FILE_PATH, CODE_LINE_NUMBER

from monitoring.errors import NotFound
from monitoring.guard import attempted
from monitoring.models import JobRun
from monitoring.panel import job_runs, job_strip
from monitoring.panel.job_list import JobRow, jobs
from monitoring.panel.job_schedules import next_runs
from monitoring.panel.job_times import JobTimes, times
from monitoring.runs import located
from monitoring.tracing.places import in_words, place_of


@dataclass(frozen=True)
class Code:
    """The function behind a job: its dotted path, what it says of itself, and its file and line if it is ours."""

    func: str
    about: str
    path: str
    line: int | None


@dataclass(frozen=True)
class JobPage:
    """One job as of `at`. `counts` are its attempts by status from `since` on, `next_runs` in TIME_ZONE."""

    at: datetime
    since: datetime
    job: JobRow
    code: Code | None
    next_runs: list[datetime]
    counts: dict[str, int]
    times: JobTimes | None
    last_failure: job_runs.RunRow | None
    runs: job_runs.RunPage

    @property
    def ended(self) -> int:
        return sum(self.counts[status] for status in ("success", "failed", "interrupted"))

    @property
    def success(self) -> float | None:
        """The share of the attempts that succeeded, from 0 to 1; None when none has ended."""
        return self.counts["success"] / self.ended if self.ended else None

    @property
    def listed(self) -> list[job_runs.RunRow]:
        return self.runs.rows[: job_runs.PAGE]

    @property
    def strip(self) -> job_strip.Strip | None:
        return job_strip.strip(self.runs.rows)

    def figures(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "since": self.since,
            "job": self.job.figures(),
            "code": asdict(self.code) if self.code else None,
            "next_runs": self.next_runs,
            "counts": self.counts,
            "success": self.success,
            "times": self.times.figures() if self.times else None,
            "last_failure": asdict(self.last_failure) if self.last_failure else None,
            "runs": [asdict(run) for run in self.listed],
        }


def job_page(name: str, since: datetime, now: datetime, *, with_times: bool = False) -> JobPage:
    """Raises NotFound for a job that nothing schedules or enqueues and that was never seen to run."""
    job = next((job for job in jobs(now) if job.name == name), None)
    if job is None:
        raise NotFound(_("There is no job called %(name)s.") % {"name": name[:80]})
    every = job_runs.RunFilters(
        since=datetime.min.replace(tzinfo=now.tzinfo), until=now, name=name, size=job_strip.MOST
    )
    return JobPage(
        at=now,
        since=since,
        job=job,
        code=code_of(job),
        next_runs=next_runs(job.cron, now) if job.cron else [],
        counts=job_runs.counts(job_runs.RunFilters(since=since, until=now, name=name)),
        times=times(since.timestamp(), now.timestamp(), now.timestamp(), name) if with_times else None,
        last_failure=_last_failure(name),
        runs=job_runs.page(every),
    )


def code_of(job: JobRow) -> Code | None:
    """None for a job that is not scheduled and has not run yet: nothing is known of its function."""
    scheduled = {name: func for name, func, _cron in settings.JOB_SCHEDULES}
    last = JobRun.objects.filter(pk=job.last.id).values_list("func", flat=True).first() if job.last else ""
    func = scheduled.get(job.name) or last
    if not func:
        return None
    function = attempted(lambda: located(func), lambda: None)
    place = in_words(place_of(function)) if function else {}
    about = (getattr(function, "__doc__", None) or "").strip().partition("\n")[0]
    line = place.get(CODE_LINE_NUMBER)
    return Code(func, about, str(place.get(CODE_FILE_PATH, "")), int(line) if line else None)


def _last_failure(name: str) -> job_runs.RunRow | None:
    """By the index of what did not go well: the latest of a job that never fails would be looked for among all."""
    bad = JobRun.objects.filter(status__in=job_runs.NOT_WELL).filter(status__in=job_runs.RETRIABLE, name=name)
    return next(iter(job_runs.rows(bad.order_by("-started_at")[:1])), None)
