"""The moving part of the jobs page: what waits, how the last hour went, who works."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.panel import job_queue, job_runs
from monitoring.panel.job_workers import Workers, workers

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class JobsNow:
    """As of `at`; `ended` counts the attempts begun in the last hour by status, each up to MOST_COUNTED + 1."""

    at: datetime
    queue: job_queue.QueueCounts
    ended: dict[str, int]
    workers: Workers

    @property
    def waited_s(self) -> float | None:
        """How long the first of those that wait has been due, in seconds."""
        return max(0.0, (self.at - self.queue.oldest).total_seconds()) if self.queue.oldest else None

    def figures(self) -> dict[str, Any]:
        return asdict(self) | {"waited_s": self.waited_s}


def jobs_now(now: datetime) -> JobsNow:
    ended = job_runs.counts(job_runs.RunFilters(since=now - HOUR, until=now))
    return JobsNow(now, job_queue.counts(now), ended, workers(now))
