"""Long lists for the admin: as many rows of each kind as wanted, the rare among them, and every way to look at them."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connections, router, transaction
from django.db.models import AutoField, DateTimeField, Field, FloatField, Model
from django.db.models.constants import LOOKUP_SEP
from django.test import RequestFactory
from django.urls import reverse
from django.utils.timezone import now

from monitoring.models import AuditEntry, JobRun, Measure, Series, Span
from sessions_app.models import ConnectionReport, QueueEntry, StaffPeriod, SupportSession

# Each kind of row, with its moment.
MODELS: dict[type[Model], str] = {
    SupportSession: "joined_at",
    QueueEntry: "joined_at",
    ConnectionReport: "at",
    StaffPeriod: "began_at",
    AuditEntry: "at",
    Measure: "at",
    Span: "started_at",
    JobRun: "started_at",
}
LENGTH = timedelta(days=360)  # that they are spread over, until now
MINUTE = timedelta(minutes=1)
RARE = 500  # one in so many
OUTCOMES = ("resolved", "resolved", "resolved", "follow_up", "no_answer")
STATES = (("available", ""), ("in_call", ""), ("wrap_up", ""), ("paused", "break"), ("in_call", ""))
# The indexes of a table that are no part of a constraint, and how they are made.
INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
    " AND schemaname = ANY(current_schemas(false)) AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}
IDS = ("id", "session", "task_id", "trace_id")  # of 32 digits


def fill(
    rows: int,
    times: int = 1,
    progress: Callable[[int], object] = lambda _number: None,
    length: timedelta = LENGTH,
    models: Collection[type[Model]] = tuple(MODELS),
) -> None:
    """`rows` of each of `models`, and `times` as many in all: the others are later copies, which the database makes.

    `progress` is called with 1 for each of the models.
    """
    staff = [User.objects.get_or_create(username=f"staff{n}")[0] for n in range(5)]
    series = [Series.objects.get_or_create(kind="histogram", name=f"work {n}")[0] for n in range(60)]
    makers: dict[type[Model], Callable[[int, datetime], Model]] = {
        SupportSession: lambda n, at: _session(n, at, staff[n % 5]),
        QueueEntry: lambda n, at: _entry(n, at, staff[0]),
        ConnectionReport: _report,
        StaffPeriod: lambda n, at: _period(n, at, staff[n % 5]),
        AuditEntry: _deed,
        Measure: lambda n, at: _measure(n, at, series[n % 60]),
        Span: _span,
        JobRun: _run,
    }
    began, part = now() - length, length / times
    moments = [(n, began + n * part / rows) for n in range(rows)]
    with transaction.atomic("default"), transaction.atomic("telemetry"):
        for model in models:
            model._default_manager.bulk_create(makers[model](n, at) for n, at in moments)
            if times > 1:
                _copy(model, times, part, began + part - part / rows / 2)
            progress(1)


def _copy(model: type[Model], times: int, part: timedelta, before: datetime) -> None:
    """The rows from before a moment `times` - 1 times more, each time a part later, under other ids."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    connection, table = connections[router.db_for_write(model)], model._meta.db_table
    names = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_copied(field, part.total_seconds(), connection.vendor) for field in fields)
    moment: Any = model._meta.get_field(MODELS[model])
    until = before.timestamp() if isinstance(moment, FloatField) else moment.get_db_prep_value(before, connection)
    with connection.cursor() as cursor, _indexed_at_the_end(cursor, connection.vendor, table):
        cursor.execute(
            f"INSERT INTO {table} ({names})"
            " WITH RECURSIVE copies(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copies WHERE number < %s - 1)"
            f' SELECT {values} FROM copies CROSS JOIN {table} WHERE "{moment.column}" < %s'
            f' ORDER BY number, "{moment.column}"',
            [times, until],
        )


@contextmanager
def _indexed_at_the_end(cursor: Any, vendor: str, table: str) -> Iterator[None]:
    """Without the indexes of a table: to keep them up to date row by row takes many times longer than to make them."""
    if vendor == "postgresql":  # what is still to be checked would keep it from making them
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(INDEXES[vendor], [table])
    indexes = cursor.fetchall()
    for name, _made in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, made in indexes:
        cursor.execute(made)


def _copied(field: Field[Any, Any], part_s: float, vendor: str) -> str:
    """A column of the copy that has the `number`, in SQL."""
    column = f'"{field.column}"'
    if isinstance(field, DateTimeField) and vendor == "sqlite":
        later = f"printf('%%+f seconds', number * {part_s!r})"
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {column}, {later})"
    if isinstance(field, DateTimeField):
        return f"{column} + number * interval '{part_s:f} seconds'"
    if isinstance(field, FloatField) and field.name == "at":
        return f"{column} + number * {part_s!r}"
    if field.name in IDS:
        first = "printf('%%08x', number)" if vendor == "sqlite" else "lpad(to_hex(number), 8, '0')"
        kind = field.db_type(connections["default"])
        return f"CAST({first} || substr(CAST({column} AS text), 9) AS {kind})"
    return column


def _session(n: int, at: Any, staff: User) -> SupportSession:
    known = {"id": UUID(int=n), "name": f"Cy {n % 997}", "language": "en", "joined_at": at, "last_seen_at": at}
    if n % 10 == 3:
        return SupportSession(**known, state="expired" if n % RARE == 3 else "abandoned", ended_at=at + MINUTE)
    taken = {"staff": staff, "claimed_at": at, "connected_at": at, "ended_at": at + 5 * MINUTE}
    return SupportSession(**known, **taken, state="ended", outcome="other" if n % RARE == 1 else OUTCOMES[n % 5])


def _entry(n: int, at: Any, staff: User) -> QueueEntry:
    rare: dict[str, Any] = {"priority": int(n % RARE == 1), "unanswered_by": staff if n % RARE == 2 else None}
    departure = ("expired" if n % RARE == 3 else "left") if n % 10 == 3 else "claimed"
    times = {"joined_at": at, "first_joined_at": at, "left_at": at + MINUTE}
    return QueueEntry(session_id=UUID(int=n), position_at_join=1, departure=departure, **times, **rare)


def _report(n: int, at: Any) -> ConnectionReport:
    known = {"session_id": UUID(int=n), "attempt": "1", "role": "customer", "at": at}
    if n % RARE == 1:
        return ConnectionReport(**known, result="failed", failure="ice", accepted=True)
    refused = {"accepted": False, "reason": "range"} if n % RARE == 2 else {"accepted": True}
    way = "relay" if n % RARE == 3 else "host"
    return ConnectionReport(**known, **refused, connection_time_ms=60 + n % 100, local_candidate=way)


def _period(n: int, at: Any, staff: User) -> StaffPeriod:
    state, reason = ("paused", "training") if n % RARE == 1 else STATES[n % 5]
    return StaffPeriod(staff=staff, state=state, reason=reason, began_at=at, ended_at=at + MINUTE, last_seen_at=at)


def _deed(n: int, at: Any) -> AuditEntry:
    return AuditEntry(id=UUID(int=n), at=at, actor_name=f"staff{n % 5}", action="claim", target=f"session {n}")


def _measure(n: int, at: Any, series: Series) -> Measure:
    return Measure(series=series, at=at.timestamp(), duration_ms=n % 100, ok=n % RARE != 1)


def _span(n: int, at: Any) -> Span:
    known = {"trace_id": f"{n // 10:032x}", "span_id": f"{n:016x}", "name": f"work {n % 60}", "kind": "internal"}
    status = "error" if n % RARE == 1 else "unset"
    return Span(**known, service="adminara", started_at=at, duration_ms=n % 100, status=status, local_root=n % 10 == 0)


def _run(n: int, at: Any) -> JobRun:
    known = {"id": f"{n:032x}", "task_id": f"{n:032x}", "name": f"job {n % 9}", "func": "jobs.job", "source": "worker"}
    status = "failed" if n % RARE == 1 else "running" if n % RARE == 2 else "success"
    return JobRun(**known, status=status, writer="w", enqueued_at=at, started_at=at, finished_at=at + MINUTE)


def looks(user: User, model: type[Model]) -> Iterator[tuple[str, str]]:
    """Each way to look at the list of `model`, as its own links ask for it: what it is, and its address."""
    own = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    changes, last = _list(user, model, own), _list(user, model, f"{own}?after=")
    yield "first page", own
    yield "second page", own + changes.later[0][1]
    yield "last page", f"{own}?after="
    yield "last page but one", own + last.earlier[1][1]
    for spec in changes.filter_specs:
        for choice in list(spec.choices(changes))[1:]:
            yield f"{spec.title}: {choice['display']}", own + choice["query_string"]
    for what in ("a year", "a month", "a day"):
        if changes.dates and "link" in changes.dates["choices"][0]:
            address = own + changes.dates["choices"][0]["link"]
            yield what, address
            changes = _list(user, model, address)
    yield from _searches(own, model, last.result_list[0])


def _list(user: User, model: type[Model], address: str) -> Any:
    request = RequestFactory().get(address)
    request.user = user
    return admin.site.get_model_admin(model).get_changelist_instance(request)


def _searches(own: str, model: type[Model], row: Model) -> Iterator[tuple[str, str]]:
    fields = admin.site.get_model_admin(model).search_fields
    for field in fields:
        found: Any = row
        for part in str(field).split(LOOKUP_SEP):
            found = getattr(found, part, None)
        if found:
            yield f"search by {field}", f"{own}?{urlencode({'q': found})}"
    if fields:
        yield "search for what is not there", f"{own}?q=nowhere"
