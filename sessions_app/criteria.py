"""What sessions can be chosen by beside their own columns, each with an index that finds them when they are few.

A database cannot know whether a criterion fits one session in ten or one in 100,000, and the right way differs: to read
the newest until a page is full, or to collect all that fit. `choose` finds out which it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan

from sessions_app.elapsed import WAITED_MS
from sessions_app.models import CandidateType, ConnectionReport, State, SupportSession

FEW = 2_000  # rows that are collected in about 10 ms; of 100,000 sessions, more fill a page from the newest 2,500

THROUGH_RELAY = Q(local_candidate=CandidateType.RELAY) | Q(remote_candidate=CandidateType.RELAY)


@dataclass(frozen=True)
class Criterion:
    """`holds` is true of the sessions chosen; `ids`, found by an index, are theirs and perhaps some more."""

    holds: Q
    ids: QuerySet[Any, Any]


def choose(sessions: QuerySet[SupportSession], criteria: list[Criterion]) -> QuerySet[SupportSession]:
    """The sessions of which all the criteria hold."""
    for criterion in criteria:
        sessions = sessions.filter(criterion.holds)
    for criterion in criteria:
        ids = set(criterion.ids[: FEW + 1])
        if len(ids) <= FEW:
            return sessions.filter(pk__in=ids)
    return sessions


def waited(longer_than_s: int, now: datetime) -> Criterion:
    """From the join to the last claim, or to the end without one, or until now."""
    unclaimed = Q(state__in=(State.WAITING, State.CALLBACK), joined_at__lt=now - timedelta(seconds=longer_than_s))
    holds = unclaimed | Q(GreaterThan(WAITED_MS, longer_than_s * 1000.0))
    return Criterion(holds, SupportSession.objects.filter(holds).values_list("pk", flat=True))


def failed(failure: str, role: str = "") -> Criterion:
    """An attempt failed as that side's page, or either's, said."""
    reports = _believed(role).filter(failure=failure)
    # The index leaves the empty out; only who says so is led to it, which is wrong where one session is asked about.
    return Criterion(_of_each(reports), _sessions(reports.exclude(failure="")))


def setup(from_ms: float, to_ms: float | None, role: str = "") -> Criterion:
    """The longest setup of that side, or of either, took at least `from_ms` and less than `to_ms`."""
    own = _believed(role).filter(session=OuterRef("pk")).order_by().values("session")
    longest = Subquery(own.annotate(longest=Max("connection_time_ms")).values("longest"))
    holds, among = Q(GreaterThanOrEqual(longest, from_ms)), _believed(role).filter(connection_time_ms__gte=from_ms)
    if to_ms is not None:
        holds, among = holds & Q(LessThan(longest, to_ms)), among.filter(connection_time_ms__lt=to_ms)
    return Criterion(holds, _sessions(among))


def relayed() -> Criterion:
    """Connected, and the way of either side went through a TURN server."""
    return Criterion(
        _of_each(connected().filter(THROUGH_RELAY)), _sessions(ConnectionReport.objects.filter(THROUGH_RELAY))
    )


def direct() -> Criterion:
    """Connected without a TURN server."""
    found = connected().exclude(THROUGH_RELAY)
    return Criterion(_of_each(found) & ~relayed().holds, _sessions(found))


def connected() -> QuerySet[ConnectionReport]:
    """What was believed of attempts that reached 'connected': these have a setup time."""
    return _believed().filter(connection_time_ms__isnull=False)


def _believed(role: str = "") -> QuerySet[ConnectionReport]:
    believed = ConnectionReport.objects.filter(accepted=True)
    return believed.filter(role=role) if role else believed


def _of_each(reports: QuerySet[ConnectionReport]) -> Q:
    return Q(Exists(reports.filter(session=OuterRef("pk"))))


def _sessions(reports: QuerySet[ConnectionReport]) -> QuerySet[ConnectionReport, UUID]:
    return reports.values_list("session", flat=True)
