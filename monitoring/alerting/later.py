"""Puts a job on the queue for a later time."""

from datetime import datetime

from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from monitoring.broker import PromptBroker


class LaterBroker(PromptBroker):
    """Hands out what it is given from a moment on: a lock in the future is a pause."""

    def __init__(self, at: datetime) -> None:
        super().__init__(Conf.CLUSTER_NAME)
        self._at = at

    def enqueue(self, task: str) -> int:
        row = OrmQ.objects.using(Conf.ORM).create(key=self.list_key, payload=task, lock=self._at)
        return int(row.pk)


def enqueue_at(at: datetime, path: str, *args: object) -> str:
    """Have a worker run the function of that dotted path from `at` on; returns the task's id."""
    task_id: str = async_task(path, *args, task_name=path.rpartition(".")[2], broker=LaterBroker(at))
    return task_id
