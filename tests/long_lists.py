"""Long lists for the admin: as many rows of each kind as wanted, the rare among them, and every way to look at them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from monitoring.models import AuditEntry, JobRun, Measure, Series, Span
from sessions_app.models import ConnectionReport, QueueEntry, StaffPeriod, SupportSession

MODELS = (SupportSession, QueueEntry, ConnectionReport, StaffPeriod, AuditEntry, Measure, Span, JobRun)
LENGTH = timedelta(days=360)  # that they are spread over, until now
MINUTE = timedelta(minutes=1)
RARE = 500  # one in so many
AT_ONCE = 5_000
OUTCOMES = ("resolved", "resolved", "resolved", "follow_up", "no_answer")
STATES = (("available", ""), ("in_call", ""), ("wrap_up", ""), ("paused", "break"), ("in_call", ""))


def fill(rows: int, progress: Callable[[int], object] = lambda _number: None) -> None:
    """`rows` of each of MODELS."""
    staff = [User.objects.get_or_create(username=f"staff{n}")[0] for n in range(5)]
    series = [Series.objects.get_or_create(kind="histogram", name=f"work {n}")[0] for n in range(60)]
    began, step = now() - LENGTH, LENGTH / rows
    for first in range(0, rows, AT_ONCE):
        moments = [(n, began + n * step) for n in range(first, min(first + AT_ONCE, rows))]
        with transaction.atomic("default"), transaction.atomic("telemetry"):
            SupportSession.objects.bulk_create(_session(n, at, staff[n % 5]) for n, at in moments)
            QueueEntry.objects.bulk_create(_entry(n, at, staff[0]) for n, at in moments)
            ConnectionReport.objects.bulk_create(_report(n, at) for n, at in moments)
            StaffPeriod.objects.bulk_create(_period(n, at, staff[n % 5]) for n, at in moments)
            AuditEntry.objects.bulk_create(_deed(n, at) for n, at in moments)
            Measure.objects.bulk_create(_measure(n, at, series[n % 60]) for n, at in moments)
            Span.objects.bulk_create(_span(n, at) for n, at in moments)
            JobRun.objects.bulk_create(_run(n, at) for n, at in moments)
        progress(len(moments))


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


def looks(client: Client, model: type[Model]) -> Iterator[tuple[str, str]]:
    """Each way to look at the list of `model`, as its own links ask for it: what it is, and its address."""
    own = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    yield "first page", own
    yield "last page", f"{own}?after="
    changes = client.get(own).context["cl"]
    yield "second page", own + changes.later[0][1]
    last = client.get(f"{own}?after=").context["cl"]
    yield "last page but one", own + last.earlier[1][1]
    for spec in changes.filter_specs:
        for choice in list(spec.choices(changes))[1:]:
            yield f"{spec.title}: {choice['display']}", own + choice["query_string"]
    yield from _dates(client, own, changes)
    yield from _searches(own, model, last.result_list[0])


def _dates(client: Client, own: str, changes: Any) -> Iterator[tuple[str, str]]:
    for length in ("a year", "a month", "a day"):
        if not changes.dates or "link" not in changes.dates["choices"][0]:
            return
        address = own + changes.dates["choices"][0]["link"]
        yield length, address
        changes = client.get(address).context["cl"]


def _searches(own: str, model: type[Model], row: Model) -> Iterator[tuple[str, str]]:
    fields = admin.site.get_model_admin(model).search_fields
    for field in fields:
        found: Any = row
        for part in str(field).split(LOOKUP_SEP):
            found = getattr(found, part, None)
        if found:
            yield f"search by {field}", f"{own}?q={found}"
    if fields:
        yield "search for what is not there", f"{own}?q=nowhere"
