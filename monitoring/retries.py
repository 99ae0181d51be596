"""Failed jobs run again after growing pauses, up to a limit; then they stay visible as failed."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.timezone import now
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

CARRIED = ("id", "name", "func", "args", "kwargs", "group", "started", "ack_failure", "adminara")


def pause(attempt: int) -> timedelta:
    """How long to wait after the failure of attempt 1, 2, 3 ...: JOB_RETRY_PAUSE seconds, doubled each time."""
    return timedelta(seconds=settings.JOB_RETRY_PAUSE * 2 ** (attempt - 1))


def retry(task: dict[str, Any]) -> bool:
    """Enqueue the next attempt at a failed task, unless it was the last one; whether it was enqueued."""
    attempt = task["adminara"]["attempt"]
    if attempt >= settings.JOB_MAX_ATTEMPTS:
        return False
    again = {key: task[key] for key in CARRIED if key in task}
    due = now() + pause(attempt)
    again["adminara"] = task["adminara"] | {"attempt": attempt + 1, "enqueued_at": due.timestamp()}
    # The broker hands out what has a lock in the past: a lock in the future is a pause.
    OrmQ.objects.using(Conf.ORM).create(key=Conf.CLUSTER_NAME, payload=SignedPackage.dumps(again), lock=due)
    return True
