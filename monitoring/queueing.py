"""Puts jobs on django-q2's queue, inside the caller's transaction: a job commits together with what caused it."""

from datetime import datetime

from django.conf import settings
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from monitoring.broker import PromptBroker
from monitoring.runs import Job, dotted
from monitoring.tracing.operations import traced
from monitoring.tracing.queue import KEY


def enqueue(func: Job | str, *args: object, **kwargs: object) -> str:
    """Have a worker run `func` (a function or its dotted path) with JSON-able arguments; returns the task's id."""
    path = dotted(func)
    task_id: str = async_task(path, *args, **kwargs, q_options={"task_name": path.rpartition(".")[2]})
    return task_id


class LaterBroker(PromptBroker):
    """Hands out what it is given from a moment on: a lock in the future is a pause."""

    def __init__(self, at: datetime) -> None:
        super().__init__(Conf.CLUSTER_NAME)
        self._at = at

    def enqueue(self, task: str) -> int:
        package = SignedPackage.loads(task)
        package[KEY]["enqueued_at"] = self._at.timestamp()  # the pause is no wait for a worker
        payload = SignedPackage.dumps(package)
        return int(OrmQ.objects.using(Conf.ORM).create(key=self.list_key, payload=payload, lock=self._at).pk)


def enqueue_at(at: datetime, func: Job | str, *args: object) -> str:
    """As `enqueue`, for a worker to begin at `at`."""
    path = dotted(func)
    task_id: str = async_task(path, *args, task_name=path.rpartition(".")[2], broker=LaterBroker(at))
    return task_id


@traced("scheduler.init")
def sync_schedules() -> int:
    """Make django-q2's schedules those of settings.JOB_SCHEDULES; returns how many there are."""
    for name, func, cron in settings.JOB_SCHEDULES:
        schedule = Schedule.objects.filter(name=name).first() or Schedule(name=name)
        if (schedule.func, schedule.cron) != (func, cron):
            schedule.func, schedule.cron, schedule.schedule_type = func, cron, Schedule.CRON
            schedule.next_run = schedule.calculate_next_run()
            schedule.save()
    Schedule.objects.exclude(name__in=[name for name, *_ in settings.JOB_SCHEDULES]).delete()
    return len(settings.JOB_SCHEDULES)
