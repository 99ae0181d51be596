"""Reads attempts at jobs: a page of them, how many there are of each status, and what became of those that failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from monitoring import job_arguments
from monitoring.auditing import claim_id
from monitoring.errors import BadParameter
from monitoring.guard import attempted
from monitoring.models import AuditEntry, JobRun
from monitoring.outcomes import in_words
from monitoring.panel.formatting import MOST_COUNTED
from monitoring.redaction import without
from monitoring.router import TELEMETRY
from monitoring.runs import located
from monitoring.store.times import moment

PAGE = 25
RETRIABLE = (JobRun.Status.FAILED, JobRun.Status.INTERRUPTED)
NOT_WELL = (*RETRIABLE, JobRun.Status.DISCARDED)  # those of the index
TRACEBACK = "Traceback (most recent call last):"
# Counts one status from an index alone.
COUNT = f"""(SELECT count(*) FROM (
    SELECT 1 FROM {JobRun._meta.db_table} WHERE status = %s AND started_at >= %s AND started_at <= %s {{of_name}}
    LIMIT {MOST_COUNTED + 1}
) AS counted)"""  # noqa: S608, SLF001
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class RunRow:
    """One attempt. `wait_ms` from enqueued to started, `run_ms` from started to finished (None while it runs).

    Of one that failed, `handled` says what a person did (the audit's action), by whom; and `followed` whether the same
    task ran again later, or was taken off the queue, so that there is nothing to retry.
    """

    id: str
    task_id: str
    name: str
    attempt: int
    source: str
    status: str
    at: datetime
    wait_ms: float
    run_ms: float | None
    outcome: str
    trace_id: str
    handled: str = ""
    handled_by: str = ""
    followed: bool = False

    @property
    def said(self) -> str:
        """What came of it in a sentence: django-q2 puts the error before its traceback."""
        head, _colon, trace = self.outcome.partition(TRACEBACK)
        return (
            (head.rstrip().removesuffix(":").rstrip() or trace.rstrip().rpartition("\n")[2])
            if trace
            else in_words(head)
        )

    @property
    def traceback(self) -> str:
        return "".join(self.outcome.partition(TRACEBACK)[1:])

    @property
    def retriable(self) -> bool:
        return self.status in RETRIABLE and not self.handled and not self.followed


@dataclass(frozen=True)
class RunFilters:
    """Which attempts: those of one job, with one status, begun from `since` to `until`; `before` is a page's cursor."""

    since: datetime
    until: datetime
    name: str = ""
    status: str = ""
    before: str = ""
    size: int = PAGE

    def runs(self, status: str) -> QuerySet[JobRun]:
        runs = JobRun.objects.filter(started_at__gte=self.since, started_at__lte=self.until)
        runs = runs.filter(name=self.name) if self.name else runs
        return runs.filter(status=status) if status else runs


@dataclass(frozen=True)
class RunPage:
    """Up to so many attempts, the newest first; `older` is the cursor of the next page, empty when there is none."""

    rows: list[RunRow]
    older: str


def page(filters: RunFilters) -> RunPage:
    """Raises BadParameter for a status or a cursor that cannot be."""
    if filters.status not in ("", *JobRun.Status.values):
        raise BadParameter("status", filters.status, _("one of those that the page offers"))
    runs = filters.runs(filters.status)
    if filters.before:
        at, pk = _position(filters.before)
        runs = runs.filter(started_at__lte=at).exclude(started_at=at, pk__gte=pk)
    found = list(runs.order_by("-started_at", "-pk")[: filters.size + 1])
    shown, last = found[: filters.size], found[: filters.size][-1:]
    return RunPage(rows(shown), f"{_microseconds(last[0])}-{last[0].pk}" if len(found) > filters.size else "")


def counts(filters: RunFilters) -> dict[str, int]:
    """How many there are of each status, each counted up to MOST_COUNTED + 1."""
    connection, statuses = connections[TELEMETRY], JobRun.Status.values
    window = [connection.ops.adapt_datetimefield_value(at) for at in (filters.since, filters.until)]
    of_name, name = ("AND name = %s", [filters.name]) if filters.name else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join([COUNT.format(of_name=of_name)] * len(statuses))}",
            [value for status in statuses for value in (status, *window, *name)],
        )
        return dict(zip(statuses, cursor.fetchone(), strict=True))


def rows(runs: Iterable[JobRun]) -> list[RunRow]:
    """The attempts with what became of those that failed."""
    runs = list(runs)
    bad = [run for run in runs if run.status in NOT_WELL]
    handled, latest = _handled(bad), _latest_of(bad)
    return [_row(run, *handled.get(run.pk, ("", "")), followed=_followed(run, latest)) for run in runs]


def failing_since(since: datetime) -> dict[str, int]:
    """How many attempts of each job failed or were interrupted, and nobody discarded; the most first."""
    bad = JobRun.objects.filter(started_at__gte=since, status__in=NOT_WELL).filter(status__in=RETRIABLE)
    return dict(bad.values_list("name").annotate(runs=Count("pk")).order_by("-runs", "name"))


def claim_of(run_id: str) -> UUID:
    """The id of the one audit entry that may say that a person retried or discarded a run."""
    return claim_id("job", run_id)


def spared(run: JobRun) -> str:
    """What a run said of itself, without the arguments that nobody is shown: some rows were kept as they came."""
    if not run.outcome or run.args == "[]":
        return run.outcome
    function = attempted(lambda: located(run.func), lambda: None)
    args, kwargs = attempted(lambda: job_arguments.unpacked(run.args), lambda: ([], {}))
    return without(run.outcome, job_arguments.hidden_values(function, args, kwargs))


def _handled(bad: Iterable[JobRun]) -> dict[str, tuple[str, str]]:
    claims = {claim_of(run.pk): run.pk for run in bad}
    if not claims:
        return {}
    told = AuditEntry.objects.filter(pk__in=claims).values_list("pk", "action", "actor_name")
    return {claims[pk]: (action, actor) for pk, action, actor in told}


def _latest_of(bad: Iterable[JobRun]) -> dict[str, datetime]:
    """When each of their tasks was last begun, or taken off the queue."""
    tasks = {run.task_id for run in bad}
    if not tasks:
        return {}
    return dict(
        JobRun.objects.filter(task_id__in=tasks)
        .values_list("task_id")
        .annotate(last=Max("started_at"))
        .values_list("task_id", "last")
    )


def _followed(run: JobRun, latest: dict[str, datetime]) -> bool:
    return run.task_id in latest and latest[run.task_id] > run.started_at


def _row(run: JobRun, handled: str = "", handled_by: str = "", *, followed: bool = False) -> RunRow:
    return RunRow(
        id=run.pk,
        task_id=run.task_id,
        name=run.name,
        attempt=run.attempt,
        source=run.source,
        status=run.status,
        at=run.started_at,
        wait_ms=max(0.0, (run.started_at - run.enqueued_at) / MILLISECOND),
        run_ms=max(0.0, (run.finished_at - run.started_at) / MILLISECOND) if run.finished_at else None,
        outcome=spared(run),
        trace_id=run.trace_id,
        handled=handled,
        handled_by=handled_by,
        followed=followed,
    )


def _microseconds(run: JobRun) -> int:
    return round(run.started_at.timestamp() * 1e6)


def _position(cursor: str) -> tuple[datetime, str]:
    microseconds, _dash, pk = cursor.partition("-")
    if not (microseconds.isdecimal() and len(microseconds) < 18 and pk.isalnum() and len(pk) <= 32):
        raise BadParameter("before", cursor, _("a place in the list, taken from its link to older ones"))
    return moment(int(microseconds) / 1e6), pk
