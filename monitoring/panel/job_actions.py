"""What a person may do about jobs: retry what failed, discard it or what waits, run now what is scheduled or pauses.

Each thing is done in a transaction of its own, together with its audit entry, and only if it still is as it was seen:
of two people, or of two clicks, one does it and the other is told. What a batch did shares an id in the audit.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django_q.models import OrmQ

from monitoring import job_arguments
from monitoring.auditing import audit_once, claim_id
from monitoring.errors import BadParameter
from monitoring.models import JobRun
from monitoring.outcomes import NEVER_RAN
from monitoring.panel.job_items import DISCARD, RETRY, Item, items
from monitoring.panel.job_queue import QueueRow
from monitoring.panel.job_runs import claim_of
from monitoring.queueing import enqueue
from monitoring.store.buffer import buffer
from monitoring.store.records import Run


class Late(Exception):
    """Somebody or something was quicker; the message says so, and the transaction is undone."""


@dataclass(frozen=True)
class Result:
    """What became of one item: whether it was `done`, and `said` in a sentence. `task` is the one on the queue."""

    item: str
    name: str
    done: bool
    said: str
    task: str = ""


@dataclass(frozen=True)
class Batch:
    """What a person asked for at once. `id` comes with the confirmation, so that a second click does nothing new."""

    actor: AbstractBaseUser | None
    action: str
    id: str
    at: datetime

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{32}", self.id):
            raise BadParameter("batch", self.id, _("the one that the confirmation page gave"))


def new_batch() -> str:
    return uuid.uuid4().hex


def act(batch: Batch, keys: Sequence[str]) -> list[Result]:
    """Do it to each item that it can be done to. Raises BadParameter before anything is done."""
    results = [_result(batch, item) for item in items(batch.action, keys, batch.at)]
    buffer.flush()  # so that the page which follows shows what was discarded
    return results


def figures(results: Sequence[Result]) -> dict[str, Any]:
    return {"done": sum(result.done for result in results), "results": [asdict(result) for result in results]}


def _result(batch: Batch, item: Item) -> Result:
    if item.why_not:
        return Result(item.key, item.name, done=False, said=item.why_not)
    try:
        with transaction.atomic():
            task, traces = _do(batch, item)
    except Late as late:
        return Result(item.key, item.name, done=False, said=str(late))
    except DatabaseError:
        return Result(item.key, item.name, done=False, said=_("The database did not take it. Nothing of it was done."))
    for trace in traces:
        buffer.put(trace)
    return Result(item.key, item.name, done=True, said=item.what, task=task)


def _do(batch: Batch, item: Item) -> tuple[str, list[Run]]:
    """The task that is on the queue now, and what the list of runs is to show."""
    if batch.action == DISCARD:
        return "", [_discard(batch, item)]
    if batch.action == RETRY:
        return _retry(batch, item), []
    return _run(batch, item), []


def _run(batch: Batch, item: Item) -> str:
    if item.row:
        _start(item.row, batch.at)
        _claim(claim_id("job.run", item.key), batch, item, "job.run", task=item.row.task_id)
        return item.row.task_id
    task = enqueue(item.func)
    _claim(claim_id("job.run", f"{batch.id}:{item.key}"), batch, item, "job.run", task=task)
    return task


def _retry(batch: Batch, item: Item) -> str:
    run = _run_of(item)
    if item.row:
        _start(item.row, batch.at)
        task = item.row.task_id
    else:
        args, kwargs = job_arguments.unpacked(run.args)
        task = enqueue(run.func, *args, **kwargs)
    _claim(claim_of(run.pk), batch, item, "job.retry", run=run.pk, task=task)
    return task


def _discard(batch: Batch, item: Item) -> Run:
    """A task off the queue becomes a run that never was; a failed run keeps what it said, with another status."""
    if item.row:
        _take_off(item.row)
    if item.run:
        run = item.run
        _claim(claim_of(run.pk), batch, item, "job.discard", run=run.pk, task=run.task_id)
        return _record(run)
    row = item.row
    assert row is not None  # noqa: S101 - an item is one or the other
    discarded = _never_ran(row, batch.at)
    _claim(claim_of(discarded.id), batch, item, "job.discard", run=discarded.id, task=row.task_id)
    return discarded


def _claim(claim: uuid.UUID, batch: Batch, item: Item, action: str, **detail: str) -> None:
    """Last, since it waits for whoever else is at it: undoes all when they were quicker."""
    if not audit_once(claim, batch.actor, action, item.name or "?", batch=batch.id, **detail):
        raise Late(_("It has been done already, by somebody else or by an earlier click."))


def _start(row: QueueRow, now: datetime) -> None:
    if not OrmQ.objects.filter(pk=row.id, lock=row.due).update(lock=now):
        raise Late(_("A worker was quicker and has taken it."))


def _take_off(row: QueueRow) -> None:
    if not OrmQ.objects.filter(pk=row.id, lock=row.due).delete()[0]:
        raise Late(_("A worker was quicker and has taken it."))


def _run_of(item: Item) -> JobRun:
    if item.run is None:
        raise Late(_("There is no such run any more."))
    return item.run


def _record(run: JobRun) -> Run:
    return Run(
        **{name: getattr(run, name) for name in ("task_id", "name", "func", "args", "attempt", "source", "outcome")},
        **{name: getattr(run, name) for name in ("trace_id", "span_id", "parent_id")},
        id=run.pk,
        status=JobRun.Status.DISCARDED.value,
        enqueued_at=run.enqueued_at.timestamp(),
        started_at=run.started_at.timestamp(),
        finished_at=run.finished_at.timestamp() if run.finished_at else None,
    )


def _never_ran(row: QueueRow, now: datetime) -> Run:
    kept = job_arguments.packed(row.task.get("args", ()), row.task.get("kwargs", {}))
    return Run(
        id=uuid.uuid4().hex,
        task_id=row.task_id,
        name=row.name[:200] or "?",
        func=row.func[:200],
        args=kept,
        attempt=row.attempt,
        source="worker",
        status=JobRun.Status.DISCARDED.value,
        trace_id="",
        span_id="",
        parent_id="",
        enqueued_at=min(row.enqueued_at or now, now).timestamp(),
        started_at=now.timestamp(),
        finished_at=now.timestamp(),
        outcome=NEVER_RAN,
    )
