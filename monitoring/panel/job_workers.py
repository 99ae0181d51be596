"""Reads the processes that run jobs: which live, what each runs right now, and which died."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from monitoring.models import JobRun, Writer
from monitoring.store.living import DEAD_AFTER

ROLES = ("worker", "scheduler")
RECENTLY = timedelta(days=1)
MOST_DEAD = 10  # shown, the latest


@dataclass(frozen=True)
class Job:
    """What a worker runs right now, since when, for how many milliseconds."""

    id: str
    name: str
    since: datetime
    ms: float


@dataclass(frozen=True)
class Worker:
    """A process; `silent_s` is how long ago its last heartbeat came, of which one comes every 5 seconds."""

    role: str
    pid: int
    host: str
    started_at: datetime
    seen_at: datetime
    silent_s: float
    job: Job | None = None


@dataclass(frozen=True)
class Workers:
    """Those that live, and those of the last day that died: that fell silent without having said that they end."""

    living: list[Worker]
    dead: list[Worker]

    @property
    def working(self) -> bool:
        """Whether there is anybody to run a job."""
        return any(worker.role == "worker" for worker in self.living)


def workers(now: datetime) -> Workers:
    writers = Writer.objects.filter(role__in=ROLES, ended=False)
    silent = Q(seen_at__lte=now - DEAD_AFTER)
    running = {run.writer: run for run in JobRun.objects.filter(status=JobRun.Status.RUNNING).order_by("started_at")}
    dead = writers.filter(silent, seen_at__gt=now - RECENTLY).order_by("-seen_at")[:MOST_DEAD]
    return Workers(
        living=[
            _worker(writer, now, running.get(writer.pk)) for writer in writers.exclude(silent).order_by("-role", "pid")
        ],
        dead=[_worker(writer, now, running.get(writer.pk)) for writer in dead],
    )


def _worker(writer: Writer, now: datetime, run: JobRun | None) -> Worker:
    return Worker(
        role=writer.role,
        pid=writer.pid,
        host=writer.host,
        started_at=writer.started_at,
        seen_at=writer.seen_at,
        silent_s=max(0.0, (now - writer.seen_at).total_seconds()),
        job=Job(run.pk, run.name, run.started_at, max(0.0, (now - run.started_at) / timedelta(milliseconds=1)))
        if run
        else None,
    )
