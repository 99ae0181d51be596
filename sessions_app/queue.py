"""Who waits, in which order and for how long: reads only."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from sessions_app import closed, duty
from sessions_app.models import HELD, OPEN, Departure, QueueEntry, State, SupportSession
from sessions_app.service import TODAY, Service, recent

ORDER = ("-priority", "first_joined_at", "pk")
KEY = ("priority", "first_joined_at", "pk", "session_id")
TOLD_FOR = timedelta(minutes=2)  # how long a member of staff reads that a claim of theirs was not answered
SHOWN = 100  # rows of the live queue; the counts always cover everybody


@dataclass(frozen=True)
class WaitingRow:
    id: UUID
    name: str
    topic: str
    language: str
    priority: int
    position: int
    since: datetime
    wait_s: int


@dataclass(frozen=True)
class HeldRow:
    id: UUID
    name: str
    topic: str
    language: str
    state: str
    state_label: str
    staff_id: int
    staff: str
    since: datetime
    held_s: int
    synthetic: bool = False
    callback: bool = False
    contact: str = ""
    message: str = ""


@dataclass(frozen=True)
class CallbackRow:
    """A message that nobody has taken."""

    id: UUID
    name: str
    contact: str
    topic: str
    message: str
    language: str
    since: datetime
    age_s: int


@dataclass(frozen=True)
class Counts:
    """Sessions by state. `messages` are those that began with one left behind, `joined` all others there ever were."""

    callback: int = 0
    waiting: int = 0
    connecting: int = 0
    active: int = 0
    ended: int = 0
    abandoned: int = 0
    expired: int = 0
    messages: int = 0

    @property
    def joined(self) -> int:
        return sum(self.by_state().values()) - self.messages

    def by_state(self) -> dict[str, int]:
        return {state: getattr(self, state) for state in State.values}


@dataclass(frozen=True)
class Board:
    at: datetime
    counts: Counts
    longest_wait_s: int
    service: Service
    waiting: tuple[WaitingRow, ...] = field(default_factory=tuple)
    held: tuple[HeldRow, ...] = field(default_factory=tuple)
    returned: dict[int | None, str] = field(default_factory=dict)
    staff: tuple[duty.Member, ...] = field(default_factory=tuple)
    callbacks: tuple[CallbackRow, ...] = field(default_factory=tuple)

    @property
    def hidden(self) -> int:
        """How many wait beyond the rows shown."""
        return max(0, self.counts.waiting - len(self.waiting))

    @property
    def hidden_callbacks(self) -> int:
        """How many messages there are beyond those shown."""
        return max(0, self.counts.callback - len(self.callbacks))

    @property
    def served(self) -> tuple[HeldRow, ...]:
        """Those who are with a member of staff, but for the customer of a self-test."""
        return tuple(row for row in self.held if not row.synthetic)

    def held_by(self, staff_id: int | None) -> HeldRow | None:
        return next((row for row in self.held if row.staff_id == staff_id), None)

    def member(self, staff_id: int | None) -> duty.Member | None:
        """None for who is off duty."""
        return next((row for row in self.staff if row.staff_id == staff_id), None)

    def returned_from(self, staff_id: int | None) -> str | None:
        """The name, perhaps empty, of the customer whose page did not answer the claim of one who has nobody now."""
        return None if self.held_by(staff_id) else self.returned.get(staff_id)


def seen_since(now: datetime) -> datetime:
    """Customers last seen before this are gone."""
    return now - timedelta(seconds=settings.DESK_GONE_AFTER)


def beat_s() -> float:
    """How often a page gives a sign of life: 5 s, and always seven within DESK_GONE_AFTER, so that one may be lost."""
    return min(5.0, settings.DESK_GONE_AFTER / 7)


def waiting() -> QuerySet[QueueEntry]:
    """Those who wait, in the order in which they are served. Customers of the self-test stand in nobody's way."""
    return QueueEntry.objects.filter(left_at=None, session__synthetic=False).order_by(*ORDER)


def first(now: datetime, *, to_take: bool = False) -> SupportSession | None:
    """The session to serve next: customers who are gone are passed over, and keep their place until they are swept.

    With `to_take`, in a transaction, also those whom somebody else is taking: or all who press at once would wait for
    the first of them, and then try for the second, one after the other. SQLite lets one at a time write anyway.
    """
    stays = waiting().filter(session__state=State.WAITING, session__last_seen_at__gte=seen_since(now))
    stays = stays.select_related("session")
    if to_take and connection.features.has_select_for_update_skip_locked:
        stays = stays.select_for_update(skip_locked=True, of=("self",))
    entry = stays.first()
    return entry.session if entry else None


def ahead_of(entry: QueueEntry) -> int:
    """How many are served before `entry`, which is not stored yet: of those with the same first join it is the last."""
    earlier = Q(priority=entry.priority, first_joined_at__lte=entry.first_joined_at)
    return waiting().filter(Q(priority__gt=entry.priority) | earlier).count()


def place(priority: int, first_joined_at: datetime, entry: int) -> int:
    """The place of one who waits, 1 being next: what `positions` has, without reading everybody who waits."""
    earlier = Q(priority=priority, first_joined_at=first_joined_at, pk__lt=entry)
    earlier |= Q(priority=priority, first_joined_at__lt=first_joined_at) | Q(priority__gt=priority)
    ahead = waiting().order_by().filter(earlier).count()
    return 1 + ahead + _unanswered().filter(earlier).values("session").distinct().count()


def positions() -> dict[UUID, int]:
    """Everybody's place as they are told it, in the order in which they are served."""
    return {session_id: place for session_id, place, _more in everybody()}


def everybody(*fields: str) -> Iterator[tuple[UUID, int, list[Any]]]:
    """All who wait, in the order in which they are served: who, their place, and `fields` of their stay.

    Customers who are taken but not connected count as ahead: an unanswered claim brings them back to their place, and
    nobody who was told theirs may move back for it.
    """
    unanswered = _unanswered().order_by("-pk").values_list(*KEY)  # of several stays the first
    ahead = sorted({session_id: _serving(*key) for *key, session_id in unanswered}.values())
    for place, (*key, session_id) in enumerate(waiting().values_list(*fields, *KEY), 1):
        more, key = key[: len(fields)], key[len(fields) :]
        yield session_id, place + bisect_left(ahead, _serving(*key)), more


def _unanswered() -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(session__state=State.CONNECTING, session__synthetic=False).order_by()


def _serving(priority: int, first_joined_at: datetime, entry: int) -> tuple[int, datetime, int]:
    return -priority, first_joined_at, entry


def returned(now: datetime) -> dict[int | None, str]:
    """By member of staff, the name of the customer whose page did not answer their claim within the last minutes."""
    entries = QueueEntry.objects.filter(unanswered_by__isnull=False, joined_at__gt=now - TOLD_FOR)
    entries = entries.filter(session__synthetic=False)
    entries = entries.exclude(departure=Departure.CLAIMED)  # somebody has them by now
    return dict(entries.order_by("joined_at").values_list("unanswered_by", "session__name"))


def counts(now: datetime) -> Counts:
    """All by state, less those of the self-test: each is read from an index alone, however many sessions there are."""
    here = SupportSession.objects.filter(state__in=(*OPEN, State.CALLBACK)).order_by()
    everybody = closed.counts(now) + Counter(dict(here.values_list("state").annotate(Count("pk"))))
    apart = SupportSession.objects.filter(Q(callback=True) | Q(synthetic=True)).order_by()
    messages = 0
    for state, synthetic, number in apart.values_list("state", "synthetic").annotate(Count("pk")):
        if synthetic:
            everybody[state] -= number
        else:
            messages += number
    return Counts(**everybody, messages=messages)


def longest_wait_s(now: datetime) -> int:
    """Whole seconds since the oldest join of those who wait; 0 when nobody does."""
    return seconds(waiting().order_by().aggregate(oldest=Min("first_joined_at"))["oldest"], now)


def seconds(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0


def board(now: datetime, window: str = TODAY) -> Board:
    """Who waits and who is served now, with the figures of `window`. BadAddress when there is none of that name."""
    rows = waiting().select_related("session")[:SHOWN]
    held = SupportSession.objects.filter(state__in=HELD).select_related("staff").order_by("claimed_at")
    return Board(
        at=now,
        counts=counts(now),
        longest_wait_s=longest_wait_s(now),
        service=recent(now, window),
        waiting=tuple(_waiting_row(entry, place, now) for place, entry in enumerate(rows, 1)),
        held=tuple(_held_row(session, now) for session in held),
        returned=returned(now),
        staff=duty.members(now),
        callbacks=callbacks(now),
    )


def callbacks(now: datetime) -> tuple[CallbackRow, ...]:
    """The messages that wait for somebody, the oldest first, at most SHOWN."""
    left = SupportSession.objects.filter(state=State.CALLBACK).order_by("joined_at", "pk")[:SHOWN]
    return tuple(
        CallbackRow(
            id=session.pk,
            name=session.name,
            contact=session.contact,
            topic=session.topic,
            message=session.message,
            language=session.language,
            since=session.joined_at,
            age_s=seconds(session.joined_at, now),
        )
        for session in left
    )


def _waiting_row(entry: QueueEntry, place: int, now: datetime) -> WaitingRow:
    session, since = entry.session, entry.first_joined_at
    return WaitingRow(
        id=session.pk,
        name=session.name,
        topic=session.topic,
        language=session.language,
        priority=entry.priority,
        position=place,
        since=since,
        wait_s=seconds(since, now),
    )


def _held_row(session: SupportSession, now: datetime) -> HeldRow:
    # The database's own constraint, said to the type checker.
    assert session.staff is not None and session.claimed_at is not None  # noqa: S101, PT018
    return HeldRow(
        id=session.pk,
        name=session.name,
        topic=session.topic,
        language=session.language,
        state=session.state,
        state_label=session.get_state_display(),
        staff_id=session.staff.pk,
        staff=session.staff.get_full_name() or session.staff.get_username(),
        since=session.claimed_at,
        held_s=seconds(session.claimed_at, now),
        synthetic=session.synthetic,
        callback=session.callback,
        contact=session.contact,
        message=session.message,
    )
