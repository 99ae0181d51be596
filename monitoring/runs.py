"""One attempt at a job, from start to end: its span `job.<name>`, its row, its time and its result."""

import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind
from opentelemetry.util.types import Attributes

from monitoring.guard import attempted
from monitoring.job_arguments import hidden_values, packed
from monitoring.metrics import JOB_PROCESSING_TIME, JOB_WAIT_TIME, JOBS
from monitoring.recording import count, record_duration
from monitoring.redaction import redact, without
from monitoring.store.buffer import buffer
from monitoring.store.records import Run
from monitoring.tracing.operations import start_span
from monitoring.tracing.places import NOWHERE, place_of

Job = Callable[..., str]


@dataclass
class Attempt:
    """A job about to run. `enqueued_at` in seconds since the epoch; `parent` is the context that enqueued it."""

    func: str
    args: Sequence[object] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    task_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    number: int = 1
    source: str = "command"
    enqueued_at: float = field(default_factory=time.time)
    parent: Context | None = None
    parent_id: str = ""

    @property
    def name(self) -> str:
        return self.func.rpartition(".")[2]

    def spared(self, text: str) -> str:
        """What a run says of itself, without secrets and without the arguments that nobody is shown."""
        if self.args or self.kwargs:
            function = attempted(lambda: located(self.func), lambda: None)
            text = without(text, hidden_values(function, self.args, self.kwargs))
        return redact(text)


class Running:
    """A started attempt; `end` must be called once, with the error if there was one."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._id = uuid.uuid4().hex
        self._started_at = time.time()
        self._clock = time.perf_counter_ns()
        kind = SpanKind.CONSUMER if attempt.source == "worker" else SpanKind.INTERNAL
        attributes: Attributes = {
            "job.name": attempt.name,
            "job.attempt": attempt.number,
            "messaging.message.id": attempt.task_id,
        }
        place = attempted(lambda: place_of(located(attempt.func)), lambda: NOWHERE)
        self._operation = start_span(f"job.{attempt.name}", attributes, kind=kind, parent=attempt.parent, place=place)
        context = self._operation.__enter__().get_span_context()
        self._trace_id = f"{context.trace_id:032x}" if context.is_valid else ""
        self._span_id = f"{context.span_id:016x}" if context.is_valid else ""
        if attempt.source == "worker":
            waited = max(0.0, self._started_at - attempt.enqueued_at) * 1000
            record_duration(JOB_WAIT_TIME.name, {"job_name": attempt.name}, self._started_at, waited)
        buffer.put(self._run("running", None, ""))
        buffer.wake()  # soon in the database, so that a run that is killed can be seen

    def end(self, outcome: str, error: BaseException | None = None) -> None:
        ms = (time.perf_counter_ns() - self._clock) / 1e6
        result = "success" if error is None else "failed"
        # Inside the span, so that the measure knows its trace.
        record_duration(JOB_PROCESSING_TIME.name, {"job_name": self._attempt.name}, time.time(), ms, ok=error is None)
        count(JOBS.name, job_name=self._attempt.name, result=result)
        self._operation.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
        buffer.put(self._run(result, self._started_at + ms / 1000, self.spared(outcome)))

    def spared(self, text: str) -> str:
        return self._attempt.spared(text)

    def _run(self, status: str, finished_at: float | None, outcome: str) -> Run:
        attempt = self._attempt
        return Run(
            id=self._id,
            task_id=attempt.task_id,
            name=attempt.name[:200],
            func=attempt.func[:200],
            args=packed(attempt.args, attempt.kwargs),
            attempt=attempt.number,
            source=attempt.source,
            status=status,
            trace_id=self._trace_id,
            span_id=self._span_id,
            parent_id=attempt.parent_id,
            enqueued_at=attempt.enqueued_at,
            started_at=self._started_at,
            finished_at=finished_at,
            outcome=outcome,
        )


def dotted(func: Job | str) -> str:
    return func if isinstance(func, str) else f"{func.__module__}.{func.__qualname__}"


def located(func: Job | str) -> Job:
    """The function behind a dotted path. Raises ImportError or AttributeError when there is none."""
    if not isinstance(func, str):
        return func
    module, _, name = func.rpartition(".")
    found: Job = getattr(import_module(module), name)
    return found


def run_job(func: Job | str, *args: object) -> str:
    """Run a job here and now, recorded like one that a worker runs; returns what it says it did."""
    job, running = located(func), Running(Attempt(func=dotted(func), args=args))
    try:
        outcome = job(*args)
    except Exception as error:
        running.end(traceback.format_exc(), error)
        raise
    running.end(outcome)
    return outcome
