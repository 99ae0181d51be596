"""A job that failed several times in a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any

from monitoring.alerting.kinds.rule import Rule
from monitoring.alerting.look import Finding, Look
from monitoring.models import JobRun

FAILED = (JobRun.Status.FAILED, JobRun.Status.INTERRUPTED)
RECENTLY = timedelta(days=1)
MOST = 50  # failures in a row that are counted


@dataclass(frozen=True, kw_only=True)
class JobFailing(Rule):
    """The last `times` attempts at a job failed or were interrupted; about each job but those called in `but`."""

    kind = "job_failing"

    times: int = 3
    but: Sequence[str] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.times <= MOST:
            raise ValueError(f"its times is {self.times}, and must be from 1 to {MOST}.")

    def look(self, look: Look, _memory: dict[str, Any]) -> Iterable[Finding]:
        failed = JobRun.objects.filter(started_at__gte=look.now - RECENTLY, status__in=FAILED)
        # A job that runs once a week fails on until it runs again.
        names = {*failed.order_by().values_list("name", flat=True).distinct(), *look.open_subjects(self.name)}
        for name in sorted(names.difference(self.but)):
            in_a_row = failures_in_a_row(name)
            yield Finding(name, in_a_row, self.times, in_a_row >= self.times)


def failures_in_a_row(name: str) -> int:
    """How many of the newest attempts at a job failed, up to the last one that did not; those that run do not count."""
    ended = JobRun.objects.filter(name=name).exclude(status=JobRun.Status.RUNNING).order_by("-started_at")
    return len(list(takewhile(FAILED.__contains__, ended.values_list("status", flat=True)[:MOST])))
