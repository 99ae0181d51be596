"""One session with all its times: its stays in the queue, who took it, what was connected, and its end. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sessions_app.curves import Sample, seen
from sessions_app.errors import UnknownSession
from sessions_app.history import MICROSECOND, Row, called, row
from sessions_app.issues import Issue, issues
from sessions_app.models import CLOSED, CallEvent, ConnectionReport, Departure, QueueEntry, SupportSession
from sessions_app.queue import seconds
from sessions_app.quotes import grade


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
    unanswered_by: str  # whose claim before this stay the customer's page did not answer


@dataclass(frozen=True)
class Connection:
    """What one participant's page said of one attempt to connect, in ms; `doubt` is why it does not count."""

    at: datetime
    attempt: str
    role: str
    role_label: str
    result: str
    result_label: str
    failure: str
    failure_label: str
    took_ms: float | None
    first_frame_ms: float | None
    protocol: str
    relayed: bool
    doubt: str


@dataclass(frozen=True)
class Happening:
    """What one participant's page said happened in the call; `amount` counts what can be counted, as messages."""

    kind: str
    label: str
    role: str
    role_label: str
    amount: int | None


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
    kind: str  # joined, closed, connection, happening, or that of a part
    at: datetime
    after_s: int
    lasts_s: int | None = None
    stay: Stay | None = None
    connection: Connection | None = None
    happening: Happening | None = None


@dataclass(frozen=True)
class Timeline:
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
    issues: list[Issue]
    quality: list[Sample]


def timeline(session_id: UUID, now: datetime) -> Timeline:
    session = SupportSession.objects.select_related("staff").filter(pk=session_id).first()
    if session is None:
        raise UnknownSession
    entries = list(session.entries.select_related("unanswered_by").order_by("pk"))
    reports, told = list(session.reports.order_by("at", "pk")), list(session.call_events.order_by("at", "pk"))
    samples = list(session.quality.order_by("at", "pk"))
    parts = list(_parts(session, entries, now))
    bare = session.anonymized_at is not None
    return Timeline(
        session=row(session, now),
        name="" if bare else session.name,
        topic="" if bare else session.topic,
        language=session.language,
        note="" if bare else session.note,
        trace_id=session.trace_id,
        anonymized_at=session.anonymized_at,
        dated_back=_dated_back(session, entries),
        going_on=session.state not in CLOSED,
        parts=parts,
        events=_events(session, parts, [_stay(entry, now) for entry in entries], reports, told),
        issues=issues(reports, samples, told, entries),
        quality=[seen(sample, session.joined_at) for sample in samples],
    )


def _stay(entry: QueueEntry, now: datetime) -> Stay:
    return Stay(
        began=entry.joined_at,
        ended=entry.left_at,
        departure=entry.departure,
        wait_s=seconds(entry.joined_at, entry.left_at or now),
        position=entry.position_at_join,
        quote=_quote(entry),
        unanswered_by=called(entry.unanswered_by),
    )


def _quote(entry: QueueEntry) -> Quote | None:
    """A stay that ended otherwise than by a claim is not graded: nobody knows how long it would have become."""
    least, most = entry.expected_least_min, entry.expected_most_min
    if least is None or most is None:
        return None
    graded = ""
    if entry.left_at and entry.departure == Departure.CLAIMED:
        graded = grade(least, most, entry.left_at - entry.joined_at)
    return Quote(least, most, graded)


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


def _events(
    session: SupportSession,
    parts: list[Part],
    stays: list[Stay],
    reports: list[ConnectionReport],
    told: list[CallEvent],
) -> list[Event]:
    """Everything that happened, in order."""
    since = session.joined_at
    found = [Event("joined", since, 0)]
    found += [Event("waiting", stay.began, seconds(since, stay.began), stay.wait_s, stay) for stay in stays]
    found += [
        Event(part.kind, part.began, seconds(since, part.began), part.lasts_s)
        for part in parts
        if part.kind != "waiting"
    ]
    found += [Event("connection", each.at, seconds(since, each.at), connection=_connection(each)) for each in reports]
    found += [Event("happening", each.at, seconds(since, each.at), happening=_happening(each)) for each in told]
    found.sort(key=lambda event: event.at)
    if session.ended_at:  # last, even when something was told after it
        found.append(Event("closed", session.ended_at, seconds(since, session.ended_at)))
    return found


def _connection(report: ConnectionReport) -> Connection:
    return Connection(
        at=report.at,
        attempt=report.attempt,
        role=report.role,
        role_label=report.get_role_display(),
        result=report.result,
        result_label=report.get_result_display(),
        failure=report.failure,
        failure_label=report.get_failure_display(),
        took_ms=report.connection_time_ms,
        first_frame_ms=report.first_frame_ms,
        protocol=report.get_protocol_display(),
        relayed=report.relayed,
        doubt=report.reason,
    )


def _happening(event: CallEvent) -> Happening:
    return Happening(event.kind, event.get_kind_display(), event.role, event.get_role_display(), event.amount)


def _dated_back(session: SupportSession, entries: list[QueueEntry]) -> bool:
    """Whether the end is when the customer was last seen, and not when somebody noticed that they had gone."""
    gone = bool(entries) and entries[-1].departure == Departure.GONE
    return gone or (session.state in CLOSED and session.ended_at == session.last_seen_at)
