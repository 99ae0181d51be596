"""Sessions that are and were: all of them a page at a time, and one with all its times. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce

from sessions_app.errors import InvalidInput, UnknownSession
from sessions_app.models import CLOSED, ConnectionReport, Departure, Outcome, QueueEntry, State, SupportSession
from sessions_app.queue import seconds
from sessions_app.status import Status

PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filters:
    """What to list: `waited_s` lists those who waited longer; `before` is the cursor of the page before."""

    state: str = ""
    outcome: str = ""
    staff: User | None = None
    waited_s: int | None = None
    before: str = ""


@dataclass(frozen=True)
class Row:
    """A session without anything that says who the customer is.

    Waited is from the join to the last claim (or the end, or now), in whole seconds; connected after is from that claim
    to the connection; talked is from there to the end (or now).
    """

    id: UUID
    state: str
    outcome: str
    staff: str
    joined_at: datetime
    claimed_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    waited_s: int
    connected_after_ms: float | None
    talked_s: int | None

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)

    @property
    def outcome_label(self) -> str:
        return str(Outcome(self.outcome).label) if self.outcome else ""


@dataclass(frozen=True)
class SessionPage:
    """Up to PAGE rows; `older` is the cursor of the next page, empty when there is none."""

    rows: list[Row]
    older: str


@dataclass(frozen=True)
class Quote:
    """The range that the customer was told at the join, and what it was worth: empty while nobody can say."""

    least_min: int
    most_min: int
    grade: str


@dataclass(frozen=True)
class Stay:
    """One stay in the queue. What is still going on has no end; its wait is the one so far."""

    began: datetime
    ended: datetime | None
    departure: str
    wait_s: int
    position: int
    quote: Quote | None


@dataclass(frozen=True)
class Connection:
    """What one participant's page said of its connection; `doubt` is why it does not count."""

    at: datetime
    role: str
    role_label: str
    took_ms: float | None
    doubt: str


@dataclass(frozen=True)
class Part:
    """A stretch of the session: the parts follow each other without gaps, from the join to the end or now."""

    kind: str  # waiting, returned (taken, and back in the queue), connecting, talking
    began: datetime
    ended: datetime
    lasts_s: int
    from_percent: float
    percent: float


@dataclass(frozen=True)
class Event:
    kind: str  # joined, closed, connection, or that of a part
    at: datetime
    after_s: int
    lasts_s: int | None = None
    stay: Stay | None = None
    connection: Connection | None = None


@dataclass(frozen=True)
class History:
    session: Row
    name: str
    topic: str
    language: str
    note: str
    trace_id: str
    anonymized_at: datetime | None
    dated_back: bool
    going_on: bool
    parts: list[Part]
    events: list[Event]


def sessions(filters: Filters, now: datetime) -> SessionPage:
    """The sessions that fit, the newest first."""
    found = list(_matching(filters, now)[: PAGE + 1])
    rows = [_row(session, now) for session in found[:PAGE]]
    return SessionPage(rows, _cursor(found[PAGE - 1]) if len(found) > PAGE else "")


def history(session_id: UUID, now: datetime) -> History:
    session = SupportSession.objects.select_related("staff").filter(pk=session_id).first()
    if session is None:
        raise UnknownSession
    entries = list(session.entries.order_by("pk"))
    parts = list(_parts(session, entries, now))
    bare = session.anonymized_at is not None
    return History(
        session=_row(session, now),
        name="" if bare else session.name,
        topic="" if bare else session.topic,
        language=session.language,
        note="" if bare else session.note,
        trace_id=session.trace_id,
        anonymized_at=session.anonymized_at,
        dated_back=_dated_back(session, entries),
        going_on=session.state not in CLOSED,
        parts=parts,
        events=_events(session, parts, [_stay(entry, now) for entry in entries]),
    )


def _matching(filters: Filters, now: datetime) -> QuerySet[SupportSession]:
    found = SupportSession.objects.select_related("staff").order_by("-joined_at", "-pk")
    if filters.before:
        at, before = _position(filters.before)
        found = found.filter(joined_at__lte=at).exclude(joined_at=at, pk__gte=before)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.outcome:
        found = found.filter(outcome=filters.outcome)
    if filters.staff:
        found = found.filter(staff=filters.staff)
    if filters.waited_s is not None:
        waited_until = Coalesce("claimed_at", "ended_at", Value(now), output_field=DateTimeField())
        found = found.alias(waited_until=waited_until).filter(
            waited_until__gt=F("joined_at") + timedelta(seconds=filters.waited_s)
        )
    return found


def _row(session: SupportSession, now: datetime) -> Row:
    claimed, connected = session.claimed_at, session.connected_at
    return Row(
        id=session.pk,
        state=session.state,
        outcome=session.outcome,
        staff=(session.staff.get_full_name() or session.staff.get_username()) if session.staff else "",
        joined_at=session.joined_at,
        claimed_at=claimed,
        connected_at=connected,
        ended_at=session.ended_at,
        waited_s=seconds(session.joined_at, claimed or session.ended_at or now),
        connected_after_ms=(connected - claimed) / timedelta(milliseconds=1) if claimed and connected else None,
        talked_s=seconds(connected, session.ended_at or now) if connected else None,
    )


def _stay(entry: QueueEntry, now: datetime) -> Stay:
    return Stay(
        began=entry.joined_at,
        ended=entry.left_at,
        departure=entry.departure,
        wait_s=seconds(entry.joined_at, entry.left_at or now),
        position=entry.position_at_join,
        quote=_quote(entry),
    )


def _quote(entry: QueueEntry) -> Quote | None:
    """A stay that ended otherwise than by a claim is not graded: nobody knows how long it would have become."""
    if entry.expected_wait_ms is None:
        return None
    least, most = Status(State.WAITING, "", expected_wait_s=entry.expected_wait_ms // 1000).minutes
    grade = ""
    if entry.left_at and entry.departure == Departure.CLAIMED:
        was = (entry.left_at - entry.joined_at) / timedelta(minutes=1)
        grade = "shorter" if was < least else "longer" if was > most else "kept"
    return Quote(least, most, grade)


def _parts(session: SupportSession, entries: list[QueueEntry], now: datetime) -> Iterator[Part]:
    end = session.ended_at or now
    whole = (end - session.joined_at) / MICROSECOND or 1.0
    for kind, began, ended in _stretches(session, entries, end):
        if began < ended:
            yield Part(
                kind=kind,
                began=began,
                ended=ended,
                lasts_s=seconds(began, ended),
                from_percent=round((began - session.joined_at) / MICROSECOND / whole * 100, 3),
                percent=round((ended - began) / MICROSECOND / whole * 100, 3),
            )


def _stretches(
    session: SupportSession, entries: list[QueueEntry], end: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    for entry, again in pairwise(entries):
        left = entry.left_at or again.joined_at
        yield "waiting", entry.joined_at, left
        yield "returned", left, again.joined_at
    if entries:
        yield "waiting", entries[-1].joined_at, session.claimed_at or end
    if session.claimed_at:
        yield "connecting", session.claimed_at, session.connected_at or end
    if session.connected_at:
        yield "talking", session.connected_at, end


def _events(session: SupportSession, parts: list[Part], stays: list[Stay]) -> list[Event]:
    """Everything that happened, in order."""
    since = session.joined_at
    found = [Event("joined", since, 0)]
    found += [Event("waiting", stay.began, seconds(since, stay.began), stay.wait_s, stay) for stay in stays]
    found += [
        Event(part.kind, part.began, seconds(since, part.began), part.lasts_s)
        for part in parts
        if part.kind != "waiting"
    ]
    found += [Event("connection", told.at, seconds(since, told.at), connection=told) for told in connections(session)]
    found.sort(key=lambda event: event.at)
    if session.ended_at:  # last, even when something was told after it
        found.append(Event("closed", session.ended_at, seconds(since, session.ended_at)))
    return found


def connections(session: SupportSession) -> list[Connection]:
    """What the pages said of their connections, the earliest first."""
    return [_connection(report) for report in session.reports.order_by("at", "pk")]


def _connection(report: ConnectionReport) -> Connection:
    return Connection(
        at=report.at,
        role=report.role,
        role_label=report.get_role_display(),
        took_ms=report.connection_time_ms,
        doubt=report.reason,
    )


def _dated_back(session: SupportSession, entries: list[QueueEntry]) -> bool:
    """Whether the end is when the customer was last seen, and not when somebody noticed that they had gone."""
    gone = bool(entries) and entries[-1].departure == Departure.GONE
    return gone or (session.state in CLOSED and session.ended_at == session.last_seen_at)


def _cursor(session: SupportSession) -> str:
    return f"{(session.joined_at - EPOCH) // MICROSECOND}-{session.pk.hex}"


def _position(cursor: str) -> tuple[datetime, UUID]:
    microseconds, _dash, pk = cursor.partition("-")
    try:
        return EPOCH + int(microseconds) * MICROSECOND, UUID(hex=pk)
    except (ValueError, OverflowError) as error:
        raise InvalidInput from error


def staff_seen() -> QuerySet[User]:
    """Those who have taken a customer."""
    taken = SupportSession.objects.filter(staff__isnull=False).order_by().values("staff")
    return User.objects.filter(pk__in=taken).order_by("username")
