"""Carries traces through django-q2: from the enqueuing request, through the wait, into the worker.

The hooks are django-q2's signals. The worker runs one task at a time, so one attempt is open in a process.
"""

import time
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind

from monitoring.guard import harmless
from monitoring.process import identity
from monitoring.retries import retry
from monitoring.runs import Attempt, Running, dotted
from monitoring.store.buffer import buffer
from monitoring.tracing.operations import start_span
from monitoring.tracing.setup import Tracing

KEY = "adminara"  # what the task package carries of ours; it survives the queue's signing

open_attempts: dict[str, Running] = {}


class JobFailed(Exception):
    """What a worker knows of a failed job: its text, the exception itself having stayed inside django-q2."""


def before_enqueue(task: dict[str, Any], **_signal: Any) -> None:
    """Note when and in which trace the task was enqueued; a retry keeps what it was given."""
    if KEY in task:
        return
    carrier: dict[str, str] = {}
    with harmless("tracing an enqueued job"):
        name = dotted(task["func"]).rpartition(".")[2]
        with start_span(f"enqueue.{name}", {"messaging.message.id": task["id"]}, kind=SpanKind.PRODUCER):
            propagate.inject(carrier)
    task[KEY] = {"carrier": carrier, "enqueued_at": time.time(), "attempt": 1}


def after_spawn(**_signal: Any) -> None:
    """A worker has started: from here on it has a heartbeat."""
    identity.role = "worker"
    buffer.start()


def before_execute(task: dict[str, Any], **_signal: Any) -> None:
    with harmless("tracing a job"):
        ours = task.setdefault(KEY, {"carrier": {}, "enqueued_at": time.time(), "attempt": 1})
        parent = propagate.extract(ours["carrier"])
        context = trace.get_current_span(parent).get_span_context()
        if Tracing.tracer is not None and context.is_valid:
            wait = Tracing.tracer.start_span("job.wait", parent, start_time=int(ours["enqueued_at"] * 1e9))
            wait.end()
        open_attempts[task["id"]] = Running(
            Attempt(
                func=dotted(task["func"]),
                args=task["args"],
                kwargs=task.get("kwargs") or {},
                task_id=task["id"],
                number=ours["attempt"],
                source="worker",
                enqueued_at=ours["enqueued_at"],
                parent=parent,
                parent_id=f"{context.span_id:016x}" if context.is_valid else "",
            )
        )


def after_execute(task: dict[str, Any], **_signal: Any) -> None:
    """End the attempt. A task run with `sync=True` that failed comes here without `success`."""
    failed = not task.get("success", False)
    with harmless("tracing a job"):
        running = open_attempts.pop(task["id"], None)
        if running is not None:
            outcome = running.spared(str(task.get("result") or ""))
            running.end(outcome, JobFailed(outcome.partition(" : ")[0]) if failed else None)
    if failed and not task.get("sync", False):
        retry(task)
        buffer.flush()  # a worker whose job ran out of time is ended without another word
