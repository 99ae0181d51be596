"""Reads the tasks on the queue: those that wait for a worker, and those that are held back.

Held back is what a worker has in its hands, and what pauses before its next attempt. Only the task itself, signed and
packed, tells these two apart: that is read for what is shown, and not to count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext as _
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from monitoring.errors import BadParameter
from monitoring.guard import attempted
from monitoring.panel.formatting import MOST_COUNTED
from monitoring.runs import dotted
from monitoring.store.times import moment

WAITING, LATER = LISTS = ("waiting", "later")
TAKEN, PAUSED = "taken", "paused"  # what is LATER is one of these
SEARCHED = 500  # tasks read for one page, at some 50 us each; the next page reads on from there
NEARLY = timedelta(milliseconds=1)
UNREADABLE: dict[str, Any] = {}


@dataclass(frozen=True)
class QueueRow:
    """A task on the queue. `due` is when workers may take it, or take it again; `task` is all that was put there.

    One whose package cannot be read, because SECRET_KEY changed or it is broken, has neither name nor task.
    """

    id: int
    state: str
    due: datetime
    task: dict[str, Any]

    @property
    def readable(self) -> bool:
        return bool(self.task)

    @property
    def func(self) -> str:
        return dotted(self.task.get("func", ""))

    @property
    def name(self) -> str:
        return self.func.rpartition(".")[2]

    @property
    def task_id(self) -> str:
        return str(self.task.get("id", ""))

    @property
    def attempt(self) -> int:
        return int(self._ours.get("attempt", 1))

    @property
    def enqueued_at(self) -> datetime | None:
        at = self._ours.get("enqueued_at")
        return moment(at) if at else None

    @property
    def key(self) -> str:
        """What an action is told: the row, and the lock that it was seen with."""
        return f"{self.id}.{round(self.due.timestamp() * 1e6)}"

    @property
    def _ours(self) -> dict[str, Any]:
        ours: dict[str, Any] = self.task.get("adminara", {})
        return ours

    def figures(self) -> dict[str, Any]:
        """For the page and its JSON: without the arguments."""
        known = {name: getattr(self, name) for name in ("id", "key", "state", "due", "name", "task_id", "attempt")}
        return known | {"enqueued_at": self.enqueued_at, "readable": self.readable}


@dataclass(frozen=True)
class Waiting:
    """Tasks on the queue, counted up to MOST_COUNTED + 1: `due` to run, `later` taken by a worker or paused.

    `oldest` is when the first of those that wait became due.
    """

    due: int
    later: int
    oldest: datetime | None


@dataclass(frozen=True)
class QueuePage:
    """Up to so many rows in the queue's order; `next` is the cursor of the next page, empty when there is none."""

    rows: list[QueueRow]
    next: str


def waiting(now: datetime) -> Waiting:
    """A task in the queue carries when it is due: workers push that into the future while they run it."""
    due, later = OrmQ.objects.filter(lock__lte=now), OrmQ.objects.filter(lock__gt=now)
    return Waiting(
        due=due.values("lock")[: MOST_COUNTED + 1].count(),
        later=later.values("lock")[: MOST_COUNTED + 1].count(),
        oldest=due.aggregate(oldest=Min("lock"))["oldest"],
    )


def page(now: datetime, listed: str, name: str, after: str, size: int) -> QueuePage:
    """The tasks of a list, of one job if asked for; `after` is the cursor of the page before. Raises BadParameter."""
    rows = OrmQ.objects.filter(lock__lte=now) if listed == WAITING else OrmQ.objects.filter(lock__gt=now)
    rows = rows.filter(_beyond(after)) if after else rows
    found: list[QueueRow] = []
    read, last = 0, ""
    for row in _read(rows.order_by("lock", "pk")[:SEARCHED], now):
        if len(found) == size:
            return QueuePage(found, last)
        read, last = read + 1, row.key
        if name in ("", row.name):
            found.append(row)
    return QueuePage(found, last if read == SEARCHED else "")


def row_of(row: OrmQ, now: datetime) -> QueueRow:
    """Reads a row of the queue; unpickling is safe, since what is not signed with SECRET_KEY is not unpickled."""
    read = attempted(lambda: SignedPackage.loads(row.payload), lambda: UNREADABLE)
    task = attempted(lambda: read if dotted(read["func"]) else UNREADABLE, lambda: UNREADABLE)
    due: datetime = row.lock
    return QueueRow(row.pk, _state(due, now, task), due, task)


def find(tasks: Iterable[str], since: datetime, now: datetime) -> dict[str, QueueRow]:
    """The rows of tasks by their ids, among those that became due, or will be, from `since` on."""
    wanted = set(tasks)
    found: dict[str, QueueRow] = {}
    for row in _read(OrmQ.objects.filter(lock__gte=since), now) if wanted else ():
        if row.task_id in wanted:
            found[row.task_id] = row
        if len(found) == len(wanted):
            break
    return found


def _state(due: datetime, now: datetime, task: dict[str, Any]) -> str:
    """A worker that takes a task moves its lock; monitoring.retries made that of a paused one from the same moment."""
    if due <= now:
        return WAITING
    planned = task.get("adminara", {}).get("enqueued_at")
    return PAUSED if planned and abs(moment(planned) - due) < NEARLY else TAKEN


def _read(rows: QuerySet[OrmQ], now: datetime) -> Iterator[QueueRow]:
    return (row_of(row, now) for row in rows.iterator(chunk_size=100))


def _beyond(key: str) -> Q:
    pk, _dot, microseconds = key.partition(".")
    if not (pk.isdecimal() and microseconds.isdecimal() and len(pk) < 19 and len(microseconds) < 18):
        raise BadParameter("before", key, _("a place in the queue, taken from its page"))
    lock = moment(int(microseconds) / 1e6)
    return Q(lock__gt=lock) | Q(lock=lock, pk__gt=int(pk))
