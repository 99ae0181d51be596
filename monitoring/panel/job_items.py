"""What a person picked to act on, and for each one what would happen, or why nothing can.

An item is `run:` with a run's id, `queue:` with a row's key, or `job:` with a scheduled job's name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django_q.conf import Conf
from django_q.models import OrmQ

from monitoring.errors import BadParameter
from monitoring.models import JobRun
from monitoring.panel import job_queue
from monitoring.panel.formatting import duration
from monitoring.panel.job_queue import PAUSED, TAKEN, WAITING, QueueRow
from monitoring.panel.job_runs import RETRIABLE, RunRow, rows
from monitoring.runs import located

MOST = 1_000
RETRY, DISCARD, RUN = "retry", "discard", "run"
ACTIONS = {RETRY: ("run",), DISCARD: ("run", "queue"), RUN: ("job", "queue")}  # and what each is for
SLACK = timedelta(seconds=5)  # between a worker's taking a task and its run's beginning


@dataclass(frozen=True)
class Item:
    """One thing picked. `what` would happen to it; where nothing can, `why_not` says why. `at` is when it began."""

    key: str
    name: str
    at: datetime | None = None
    what: str = ""
    why_not: str = ""
    run: JobRun | None = field(default=None, repr=False)
    row: QueueRow | None = field(default=None, repr=False)
    func: str = ""

    def figures(self) -> dict[str, Any]:
        return {"item": self.key, "name": self.name, "what": self.what, "why_not": self.why_not}


def items(action: str, keys: Sequence[str], now: datetime) -> list[Item]:
    """Each once, in the order given. Raises BadParameter for what cannot be asked, or not of so many at once."""
    if action not in ACTIONS:
        raise BadParameter("action", action, _("retry, discard or run"))
    keys = list(dict.fromkeys(keys))
    if not 0 < len(keys) <= MOST:
        raise BadParameter("item", str(len(keys)), _("1 to %(most)d picked things") % {"most": MOST})
    for key in keys:
        if key.partition(":")[0] not in ACTIONS[action]:
            raise BadParameter("item", key, _("something that %(action)s is for") % {"action": action})
    found = _Found(keys, now)
    return [found.item(action, *key.split(":", 1)) for key in keys]


class _Found:
    """All that the keys mean, read at once."""

    def __init__(self, keys: Iterable[str], now: datetime) -> None:
        self._now = now
        named: dict[str, list[str]] = {"run": [], "queue": [], "job": []}
        for key in keys:
            kind, _colon, rest = key.partition(":")
            named[kind].append(rest)
        self._runs = JobRun.objects.in_bulk(named["run"])
        self._rows = {row.id: row for row in rows(self._runs.values())}
        wanted = [int(key.partition(".")[0]) for key in named["queue"] if key.partition(".")[0].isdecimal()]
        self._queue = {
            row.key: row for row in (job_queue.row_of(one, now) for one in OrmQ.objects.filter(pk__in=wanted))
        }
        queued = list(filter(_may_be_queued, self._runs.values()))
        since = min((run.started_at for run in queued), default=now)  # no attempt is due before the one that it follows
        self._tasks = job_queue.find((run.task_id for run in queued), since, now)
        self._functions = {name: func for name, func, _cron in settings.JOB_SCHEDULES}

    def item(self, action: str, kind: str, rest: str) -> Item:
        if kind == "job":
            return self._job(rest)
        return self._run(action, rest) if kind == "run" else self._queued(action, rest)

    def _job(self, name: str) -> Item:
        func = self._functions.get(name, "")
        if not func:
            return Item(f"job:{name}", name, why_not=_("There is no scheduled job of this name."))
        return Item(f"job:{name}", name, what=_("It is put on the queue now, beside its schedule."), func=func)

    def _queued(self, action: str, key: str) -> Item:
        row = self._queue.get(key)
        if row is None:
            return Item(f"queue:{key}", "", why_not=_("It is not on the queue any more, or a worker has taken it."))
        item = Item(f"queue:{key}", row.name, row.enqueued_at, row=row)
        if row.state == TAKEN:
            return _not(item, _("A worker has taken it."))
        if action == DISCARD:
            return _so(item, _("It is taken off the queue and does not run."))
        if row.state == WAITING:
            return _not(item, _("It waits for a worker already: nothing starts it sooner."))
        return _so(item, _("It starts now instead of in %(time)s.") % {"time": _left(row, self._now)})

    def _run(self, action: str, run_id: str) -> Item:
        run, told = self._runs.get(run_id), self._rows.get(run_id)
        if run is None or told is None:
            return Item(f"run:{run_id}", "", why_not=_("There is no such run any more."))
        row = self._tasks.get(run.task_id)
        item = Item(f"run:{run_id}", run.name, run.started_at, run=run, row=row, func=run.func)
        if refusal := _refusal(told) or (_taken_again(run, row) if row else ""):
            return _not(item, refusal)
        if action == DISCARD:
            return _so(item, _("Its next attempt is taken off the queue.") if row else _("It is put aside for good."))
        if row:
            return _so(item, _("Its next attempt starts now instead of in %(time)s.") % {"time": _left(row, self._now)})
        if not _exists(run.func):
            return _not(item, _("The function %(func)s does not exist any more.") % {"func": run.func})
        return _so(item, _("It runs again with the same arguments, as a new task."))


def _refusal(run: RunRow) -> str:
    if run.status not in RETRIABLE:
        return _("It neither failed nor was interrupted.")
    if run.handled:
        words = _("%(name)s has retried it.") if run.handled == "job.retry" else _("%(name)s has discarded it.")
        return words % {"name": run.handled_by}
    return _("The same task was begun again later, or taken off the queue.") if run.followed else ""


def _taken_again(run: JobRun, row: QueueRow) -> str:
    """Whether a worker holds the task: the lock of one that died with it dates from when this run began."""
    if row.state == PAUSED:
        return ""
    of_the_dead = run.status == JobRun.Status.INTERRUPTED and row.state == TAKEN
    if of_the_dead and row.due <= run.started_at + timedelta(seconds=Conf.RETRY) + SLACK:
        return ""
    return _("Its next attempt has begun, or waits for a worker already.")


def _may_be_queued(run: JobRun) -> bool:
    """A failed task's next attempt is on the queue, and so is a task whose worker died; after the last attempt none."""
    interrupted = run.status == JobRun.Status.INTERRUPTED
    return run.source == "worker" and (interrupted or run.attempt < settings.JOB_MAX_ATTEMPTS)


def _exists(func: str) -> bool:
    try:
        located(func)
    except (ImportError, AttributeError, ValueError):
        return False
    return True


def _left(row: QueueRow, now: datetime) -> str:
    return duration(max(0.0, (row.due - now) / timedelta(milliseconds=1)))


def _so(item: Item, what: str) -> Item:
    return Item(item.key, item.name, item.at, what=what, run=item.run, row=item.row, func=item.func)


def _not(item: Item, why: str) -> Item:
    return Item(item.key, item.name, item.at, why_not=why, run=item.run, row=item.row, func=item.func)
