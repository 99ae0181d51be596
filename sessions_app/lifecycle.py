"""What people do with a support session: join, take, connect, hand back, end, leave."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from monitoring import audit, current_trace_id, current_traceparent, traced
from sessions_app import door, duty, pace, queue
from sessions_app.errors import AlreadyTaken, HandsFull, MessageTaken, NobodyWaiting, NotYours, TooLate, WrongState
from sessions_app.models import CLOSED, HELD, Departure, State, SupportSession
from sessions_app.quotes import quote
from sessions_app.roles import SELFTEST
from sessions_app.signals import Change, announce, session_changed
from sessions_app.transitions import back_to_callbacks, back_to_queue, begin_callback, change, close, get, stay

# A page that has begun to answer a claim has this many times DESK_ANSWER_WITHIN.
ANSWERING_PATIENCE = 4


@traced("desk.join")
def join(
    name: str, topic: str, language: str, now: datetime, priority: int = 0, *, synthetic: bool = False
) -> SupportSession:
    """`synthetic` is a customer of the self-test: nobody is told of it, and it stands in no figure of the queue."""
    tempo = pace.recent(now)
    with transaction.atomic():
        if not synthetic:  # the self-test comes when the desk is closed, too
            door.admit(now)
        session = SupportSession.objects.create(
            name=name,
            topic=topic,
            language=language,
            joined_at=now,
            last_seen_at=now,
            synthetic=synthetic,
            trace_id=current_trace_id(),
            traceparent=current_traceparent(),
        )
        entry = stay(session, now, priority)
        told = quote(tempo.expected_wait_s(entry.position_at_join))
        entry.expected_least_min, entry.expected_most_min = told
        entry.save()
        joined = Change(session.pk, "", State.WAITING, now, traceparent=session.traceparent, synthetic=synthetic)
        announce(session_changed, change=joined)
    return session


@traced("desk.leave_message")
def leave_message(
    name: str, contact: str, topic: str, message: str, language: str, now: datetime, instead_of: UUID | None = None
) -> SupportSession:
    """A visit that begins with a message to be answered, whether or not the desk is open.

    The one that it is `instead_of` gives up its place in the queue. WrongState when staff have taken it meanwhile: they
    are with the customer now, who needs no message.
    """
    with transaction.atomic():
        visit = get(instead_of) if instead_of else None
        if visit and visit.state == State.WAITING:
            close(visit, State.ABANDONED, now, Departure.LEFT)
        if visit and visit.state not in CLOSED:
            raise WrongState
        return begin_callback(now, name=name, contact=contact, topic=topic, message=message, language=language)


@traced("desk.call_back")
def call_back(session_id: UUID, staff: User, now: datetime) -> SupportSession:
    """Take whoever left a message. No page has to answer: the session is active from here on."""
    with _hands_free(staff):
        session = get(session_id)
        at = max(now, session.joined_at)
        taken: dict[str, datetime | User | str | None] = {"staff": staff, "claimed_at": at, "connected_at": at}
        if session.state != State.CALLBACK or not change(session, State.ACTIVE, at, taken):
            raise MessageTaken
        audit(staff, "call_back", f"session {session_id}")
    return session


@traced("desk.claim_next")
def claim_next(staff: User, now: datetime) -> SupportSession:
    """Hand `staff` the customer whose turn it is. A lost race means the head of the queue has changed: look again."""
    with _hands_free(staff):
        while (session := queue.first(now, to_take=True)) is not None:
            if _claim(session, staff, now):
                return session
        raise NobodyWaiting


@traced("desk.claim")
def claim(session_id: UUID, staff: User, now: datetime) -> SupportSession:
    with _hands_free(staff):
        session = get(session_id)
        reachable = session.state == State.WAITING and session.last_seen_at >= queue.seen_since(now)
        if not reachable or not _claim(session, staff, now):
            raise AlreadyTaken
        return session


def answering(session_id: UUID, now: datetime) -> None:
    """The customer's page has heard of the claim and asks for camera and microphone.

    Who reads that question is there, and may need longer than DESK_ANSWER_WITHIN to find the button. So they have
    ANSWERING_PATIENCE times as long, counted from the claim: a page that says so again gains nothing, and a call that
    does not come about holds nobody for ever. A page that says nothing has nobody before it, or no script.
    """
    session = get(session_id)
    if session.state == State.CONNECTING and session.claimed_at is not None:
        answer_by = session.claimed_at + ANSWERING_PATIENCE * timedelta(seconds=settings.DESK_ANSWER_WITHIN)
        claim = SupportSession.objects.filter(pk=session_id, state=State.CONNECTING, claimed_at=session.claimed_at)
        claim.update(answer_by=max(answer_by, session.answer_by or now))


@traced("desk.connected")
def connected(session_id: UUID, now: datetime) -> bool:
    """The customer's page has answered the claim. False when there was nothing to answer, as after a reload."""
    session = get(session_id)
    if session.state != State.CONNECTING:
        return False
    connected_at = max(now, session.claimed_at or now)
    return change(session, State.ACTIVE, connected_at, {"connected_at": connected_at})


@traced("desk.requeue")
def requeue(session_id: UUID, staff: User, now: datetime) -> SupportSession:
    """Hand the customer back: a new stay in the queue at the place of the first join, or to be called back again."""
    with transaction.atomic():
        session = _held(session_id, staff)
        if not (back_to_callbacks if session.callback else back_to_queue)(session, now):
            raise WrongState
        audit(staff, "requeue", f"session {session_id}")
    return session


@traced("desk.end")
def end(session_id: UUID, staff: User, outcome: str, note: str, now: datetime) -> SupportSession:
    with transaction.atomic():
        session = _held(session_id, staff)
        if not close(session, State.ENDED, now, outcome=outcome, note=note):
            raise WrongState
        audit(staff, "end", f"session {session_id}", outcome=outcome)
    return session


@traced("desk.write_up")
def write_up(session_id: UUID, staff: User, outcome: str, note: str, now: datetime) -> SupportSession:
    """Write or correct what is known of the session that `staff` had last: needed most when the customer left."""
    with transaction.atomic():
        session = get(session_id)
        if session.staff_id != staff.pk:
            raise NotYours
        if not duty.may_write_up(staff.pk, session_id):
            raise TooLate
        duty.seen([staff.pk], now)
        said = {"note": note} | ({"outcome": outcome} if session.state == State.ENDED else {})
        if any(getattr(session, name) != value for name, value in said.items()):
            SupportSession.objects.filter(pk=session_id).update(**said)
            audit(staff, "write_up", f"session {session_id}", **{"outcome": outcome} if outcome else {})
    return session


@traced("desk.leave")
def leave(session_id: UUID, now: datetime) -> None:
    """The customer goes. Leaving twice is leaving once."""
    with transaction.atomic():
        session = get(session_id)
        target = State.ENDED if session.state == State.ACTIVE else State.ABANDONED
        if session.state not in CLOSED and not close(session, target, now, Departure.LEFT):
            raise WrongState


def _held(session_id: UUID, staff: User) -> SupportSession:
    session = get(session_id)
    if session.state not in HELD:
        raise WrongState
    if session.staff_id != staff.pk:
        raise NotYours
    return session


@contextmanager
def _hands_free(staff: User) -> Iterator[None]:
    """One transaction in which `staff` may take one customer; two tabs that press at once meet the constraint."""
    try:
        with transaction.atomic():
            if SupportSession.objects.filter(staff=staff, state__in=HELD).exists():
                raise HandsFull
            yield
    except IntegrityError as error:
        raise HandsFull from error


def _claim(session: SupportSession, staff: User, now: datetime) -> bool:
    if session.synthetic != (staff.get_username() == SELFTEST):
        raise AlreadyTaken
    # `now` was read before the lock was waited for: a customer may have joined since.
    claimed_at = max(now, session.joined_at)
    answer_by = claimed_at + timedelta(seconds=settings.DESK_ANSWER_WITHIN)
    taken: dict[str, datetime | User | str | None]
    taken = {"staff": staff, "claimed_at": claimed_at, "answer_by": answer_by}
    if not change(session, State.CONNECTING, claimed_at, taken, Departure.CLAIMED):
        return False
    audit(staff, "claim", f"session {session.pk}")
    return True
