"""Reads one attempt at a job: what it was given, what came of it, and the other attempts of the same task."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from monitoring import job_arguments
from monitoring.errors import NotFound
from monitoring.guard import attempted
from monitoring.models import AuditEntry, JobRun, Writer
from monitoring.panel.job_runs import RunRow, claim_of, rows
from monitoring.runs import located

MOST_ATTEMPTS = 50


@dataclass(frozen=True)
class RunPage:
    """One attempt, whose outcome quotes no hidden argument.

    `handled_at` is when a person retried or discarded it; `again` the task that a retry enqueued, `again_run` its run.
    """

    run: RunRow
    func: str
    enqueued_at: datetime
    finished_at: datetime | None
    arguments: list[job_arguments.Argument]
    worker: str
    attempts: list[RunRow]
    handled_at: datetime | None
    again_run: str

    @property
    def hidden(self) -> bool:
        return any(argument.hidden for argument in self.arguments)

    def figures(self) -> dict[str, Any]:
        return asdict(self)


def run_page(run_id: str) -> RunPage:
    """Raises NotFound."""
    run = JobRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("There is no job run %(run)s.") % {"run": run_id[:80]})
    attempts = rows(JobRun.objects.filter(task_id=run.task_id).order_by("started_at", "pk")[:MOST_ATTEMPTS])
    function = attempted(lambda: located(run.func), lambda: None)
    told = AuditEntry.objects.filter(pk=claim_of(run.pk)).first()
    return RunPage(
        run=next((row for row in attempts if row.id == run.pk), None) or rows([run])[0],
        func=run.func,
        enqueued_at=run.enqueued_at,
        finished_at=run.finished_at,
        arguments=job_arguments.shown(function, run.args),
        worker=_worker(run.writer),
        attempts=attempts,
        handled_at=told.at if told else None,
        again_run=_again(str(told.detail.get("task", ""))) if told else "",
    )


def _worker(writer: str) -> str:
    found = Writer.objects.filter(pk=writer).first()
    return f"{_(found.role)} {found.pid} ({found.host})" if found else ""


def _again(task: str) -> str:
    """The first run of the task that a retry enqueued."""
    first = JobRun.objects.filter(task_id=task).order_by("started_at") if task else JobRun.objects.none()
    return first.values_list("pk", flat=True).first() or ""
