"""The life of a support session: the only writer of `state`.

A change is a conditional UPDATE whose row count says whether we were first; it is announced once, when it is committed.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from monitoring import audit, current_trace_id, traced
from sessions_app import queue
from sessions_app.errors import AlreadyTaken, HandsFull, NobodyWaiting, NotYours, UnknownSession, WrongState
from sessions_app.models import CLOSED, HELD, OPEN, Departure, QueueEntry, State, SupportSession
from sessions_app.pace import pace, quote
from sessions_app.signals import Change, announce, claim_unanswered, session_changed

TRANSITIONS: dict[str, frozenset[State]] = {
    State.WAITING: frozenset({State.CONNECTING, State.ABANDONED, State.EXPIRED}),
    State.CONNECTING: frozenset({State.ACTIVE, State.WAITING, State.ENDED, State.ABANDONED, State.EXPIRED}),
    State.ACTIVE: frozenset({State.WAITING, State.ENDED, State.EXPIRED}),
    State.ENDED: frozenset(),
    State.ABANDONED: frozenset(),
    State.EXPIRED: frozenset(),
}
# A call whose customer has been silent for this many times DESK_GONE_AFTER is over.
CALL_PATIENCE = 5
# A page that has begun to answer a claim has this many times DESK_ANSWER_WITHIN.
ANSWERING_PATIENCE = 4


@traced("desk.join")
def join(name: str, topic: str, language: str, now: datetime, priority: int = 0) -> SupportSession:
    tempo = pace(now)
    with transaction.atomic():
        session = SupportSession.objects.create(
            name=name, topic=topic, language=language, joined_at=now, last_seen_at=now, trace_id=current_trace_id()
        )
        entry = _enqueue(session, now, priority)
        least, most = quote(tempo.expected_wait_s(entry.position_at_join))
        QueueEntry.objects.filter(pk=entry.pk).update(expected_least_min=least, expected_most_min=most)
        announce(session_changed, change=Change(session.pk, "", State.WAITING))
    return session


@traced("desk.claim_next")
def claim_next(staff: User, now: datetime) -> SupportSession:
    """Hand `staff` the customer whose turn it is. A lost race means the head of the queue has changed: look again."""
    with _hands_free(staff):
        while (session := queue.first(now)) is not None:
            if _claim(session, staff, now):
                return session
        raise NobodyWaiting


@traced("desk.claim")
def claim(session_id: UUID, staff: User, now: datetime) -> SupportSession:
    with _hands_free(staff):
        session = _get(session_id)
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
    session = _get(session_id)
    if session.state == State.CONNECTING and session.claimed_at is not None:
        answer_by = session.claimed_at + ANSWERING_PATIENCE * timedelta(seconds=settings.DESK_ANSWER_WITHIN)
        claim = SupportSession.objects.filter(pk=session_id, state=State.CONNECTING, claimed_at=session.claimed_at)
        claim.update(answer_by=max(answer_by, session.answer_by or now))


@traced("desk.connected")
def connected(session_id: UUID, now: datetime) -> bool:
    """The customer's page has answered the claim. False when there was nothing to answer, as after a reload."""
    session = _get(session_id)
    if session.state != State.CONNECTING:
        return False
    return _change(session, State.ACTIVE, connected_at=max(now, session.claimed_at or now))


@traced("desk.requeue")
def requeue(session_id: UUID, staff: User, now: datetime) -> SupportSession:
    """Hand the customer back: a new stay in the queue at the place of the first join."""
    with transaction.atomic():
        session = _held(session_id, staff)
        if not _back_to_queue(session, now):
            raise WrongState
        audit(staff, "requeue", f"session {session_id}")
    return session


@traced("desk.end")
def end(session_id: UUID, staff: User, outcome: str, note: str, now: datetime) -> SupportSession:
    with transaction.atomic():
        session = _held(session_id, staff)
        if not _close(session, State.ENDED, now, outcome=outcome, note=note):
            raise WrongState
        audit(staff, "end", f"session {session_id}", outcome=outcome)
    return session


@traced("desk.leave")
def leave(session_id: UUID, now: datetime) -> None:
    """The customer goes. Leaving twice is leaving once."""
    with transaction.atomic():
        session = _get(session_id)
        target = State.ENDED if session.state == State.ACTIVE else State.ABANDONED
        if session.state not in CLOSED and not _close(session, target, now, Departure.LEFT):
            raise WrongState


def heartbeat(session_ids: Collection[UUID], now: datetime) -> None:
    SupportSession.objects.filter(pk__in=session_ids, state__in=OPEN).update(last_seen_at=now)


def give_time(now: datetime) -> None:
    """The server comes up. Nobody could say anything while it was down: the time to do so begins again."""
    SupportSession.objects.filter(state__in=OPEN).update(last_seen_at=now)
    answer_by = now + timedelta(seconds=settings.DESK_ANSWER_WITHIN)
    SupportSession.objects.filter(state=State.CONNECTING, answer_by__lt=answer_by).update(answer_by=answer_by)


@traced("desk.abandon_gone")
def abandon_gone(now: datetime) -> int:
    """Close the visits of customers who have gone, dated back to when they were last seen. Returns how many."""
    return sum(map(_abandon, SupportSession.objects.filter(_gone(now))))


@traced("desk.return_unanswered")
def return_unanswered(now: datetime) -> int:
    """Put customers whose page has not answered a claim in time back to their place. Returns how many."""
    return sum(_return(session, now) for session in SupportSession.objects.filter(_unanswered(now)))


def sweep(now: datetime) -> None:
    """Both of the above for those who call it often: costs one look, and no span, while there is nothing to do.

    The gone go first: they are not worth a place in the queue.
    """
    if SupportSession.objects.filter(_gone(now) | _unanswered(now)).exists():
        abandon_gone(now)
        return_unanswered(now)


def _gone(now: datetime) -> Q:
    silent_call = now - CALL_PATIENCE * timedelta(seconds=settings.DESK_GONE_AFTER)
    before_call = Q(state__in=(State.WAITING, State.CONNECTING), last_seen_at__lt=queue.seen_since(now))
    return before_call | Q(state=State.ACTIVE, last_seen_at__lt=silent_call)


def _unanswered(now: datetime) -> Q:
    return Q(state=State.CONNECTING, answer_by__lt=now)


@traced("desk.expire_stale")
def expire_stale(now: datetime) -> int:
    """Close the visits that have been open for more than DESK_SESSION_HOURS. Returns how many."""
    stale = SupportSession.objects.filter(
        state__in=OPEN, joined_at__lt=now - timedelta(hours=settings.DESK_SESSION_HOURS)
    )
    return sum(_close(session, State.EXPIRED, now, Departure.EXPIRED) for session in stale)


@traced("desk.anonymize")
def anonymize(now: datetime) -> int:
    """Clear names, topics and notes of visits that ended ANONYMIZE_AFTER_DAYS ago. Returns how many."""
    old = SupportSession.objects.filter(
        state__in=CLOSED, anonymized_at=None, ended_at__lte=now - timedelta(days=settings.ANONYMIZE_AFTER_DAYS)
    )
    return old.update(name="", topic="", note="", anonymized_at=now)


def _get(session_id: UUID) -> SupportSession:
    session = SupportSession.objects.filter(pk=session_id).first()
    if session is None:
        raise UnknownSession
    return session


def _held(session_id: UUID, staff: User) -> SupportSession:
    session = _get(session_id)
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


def _enqueue(session: SupportSession, now: datetime, priority: int, unanswered_by: User | None = None) -> QueueEntry:
    entry = QueueEntry(session=session, joined_at=now, first_joined_at=session.joined_at, priority=priority)
    entry.unanswered_by, entry.position_at_join = unanswered_by, 1
    entry.save()
    entry.position_at_join = queue.ahead_of(entry) + 1
    entry.save(update_fields=["position_at_join"])
    return entry


def _claim(session: SupportSession, staff: User, now: datetime) -> bool:
    # `now` was read before the lock was waited for: a customer may have joined since.
    claimed_at = max(now, session.joined_at)
    answer_by = claimed_at + timedelta(seconds=settings.DESK_ANSWER_WITHIN)
    taken: dict[str, datetime | User] = {"staff": staff, "claimed_at": claimed_at, "answer_by": answer_by}
    if not _change(session, State.CONNECTING, Departure.CLAIMED, claimed_at, None, **taken):
        return False
    audit(staff, "claim", f"session {session.pk}")
    return True


def _return(session: SupportSession, now: datetime) -> bool:
    staff = session.staff
    with transaction.atomic():
        if not _back_to_queue(session, now, unanswered_by=staff):
            return False
        audit(None, "requeue", f"session {session.pk}", reason="unanswered", claimed_by=str(staff))
        announce(claim_unanswered, session_id=session.pk)
    return True


def _back_to_queue(session: SupportSession, now: datetime, unanswered_by: User | None = None) -> bool:
    """A new stay at the place of the first join. With `unanswered_by`, only if the claim is still unanswered."""
    again_at = max(now, session.claimed_at or now)
    still = Q(claimed_at=session.claimed_at, answer_by=session.answer_by) if unanswered_by else None
    if not _change(session, State.WAITING, still=still, staff=None, claimed_at=None, connected_at=None, answer_by=None):
        return False
    _enqueue(session, again_at, session.entries.latest("pk").priority, unanswered_by)
    return True


def _abandon(session: SupportSession) -> bool:
    target = State.ENDED if session.state == State.ACTIVE else State.ABANDONED
    return _close(session, target, session.last_seen_at, Departure.GONE, Q(last_seen_at=session.last_seen_at))


def _close(
    session: SupportSession, target: State, at: datetime, departure: str = "", still: Q | None = None, **more: str
) -> bool:
    ended_at = max(at, session.joined_at, session.connected_at or session.claimed_at or session.joined_at)
    return _change(session, target, departure, at, still, ended_at=ended_at, **more)


def _change(
    session: SupportSession,
    target: State,
    departure: str = "",
    at: datetime | None = None,
    still: Q | None = None,
    **values: datetime | User | str | None,
) -> bool:
    """Move to `target` unless somebody moved the session first, or it is no longer as `still` says."""
    before = session.state
    if target not in TRANSITIONS[before]:
        raise WrongState
    with transaction.atomic():
        unmoved = SupportSession.objects.filter(still or Q(), pk=session.pk, state=before)
        if not unmoved.update(state=target, **values):
            return False
        wait_ms = _leave_queue(session.pk, departure, at) if before == State.WAITING and at else None
        announce(session_changed, change=Change(session.pk, before, target, wait_ms))
    for name, value in {"state": target, **values}.items():
        setattr(session, name, value)
    return True


def _leave_queue(session_id: UUID, departure: str, at: datetime) -> float:
    """Close the open stay; returns how long it lasted, in milliseconds."""
    entry = QueueEntry.objects.get(session=session_id, left_at=None)
    entry.left_at, entry.departure = max(at, entry.joined_at), departure
    entry.save(update_fields=["left_at", "departure"])
    return (entry.left_at - entry.joined_at).total_seconds() * 1000
