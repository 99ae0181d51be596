"""Puts jobs on the queue of an installation, or of django-q2 by itself, whose workers run beside."""

import random
import time

from django_q.models import OrmQ
from django_q.tasks import async_task

QUICK = "tests.trial_jobs.quick"
PATIENCE_S = 60


def drain(jobs: int) -> float:
    """Microseconds a job, from the first that is enqueued to the last that is acknowledged."""
    began = time.perf_counter()
    for _ in range(jobs):
        async_task(QUICK, task_name="quick")
    wait_until_empty()
    return (time.perf_counter() - began) / jobs * 1e6


def wait_until_empty() -> None:
    deadline = time.monotonic() + PATIENCE_S
    while OrmQ.objects.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{OrmQ.objects.count()} jobs still wait after {PATIENCE_S} s.")
        time.sleep(0.003)


def starts(jobs: int) -> list[float]:
    """Milliseconds from enqueue to start of jobs that come one at a time to an idle worker."""
    from monitoring.models import JobRun

    tasks = []
    for _ in range(jobs):
        tasks.append(async_task(QUICK, task_name="quick"))
        time.sleep(random.uniform(0.25, 0.45))  # any moment between two looks into the queue is as likely
    deadline = time.monotonic() + PATIENCE_S
    while len(runs := JobRun.objects.filter(task_id__in=tasks)) < jobs and time.monotonic() < deadline:
        time.sleep(0.1)
    return [(run.started_at - run.enqueued_at).total_seconds() * 1e3 for run in runs]
