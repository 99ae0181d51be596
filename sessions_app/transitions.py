"""The states of a support session and the ways between them: the only writer of `state`.

A change is a conditional UPDATE whose row count says whether we were first; it is announced once, when it is committed.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from monitoring import current_trace_id, current_traceparent
from sessions_app import duty, queue
from sessions_app.errors import UnknownSession, WrongState
from sessions_app.models import CLOSED, HELD, QueueEntry, State, SupportSession
from sessions_app.signals import Change, announce, session_changed

TRANSITIONS: dict[str, frozenset[State]] = {
    State.CALLBACK: frozenset({State.ACTIVE, State.ABANDONED, State.EXPIRED}),
    State.WAITING: frozenset({State.CONNECTING, State.ABANDONED, State.EXPIRED}),
    State.CONNECTING: frozenset({State.ACTIVE, State.WAITING, State.ENDED, State.ABANDONED, State.EXPIRED}),
    State.ACTIVE: frozenset({State.WAITING, State.CALLBACK, State.ENDED, State.EXPIRED}),
    State.ENDED: frozenset(),
    State.ABANDONED: frozenset(),
    State.EXPIRED: frozenset(),
}


# Of a session that is with nobody any more.
RELEASED = dict.fromkeys(("staff", "claimed_at", "connected_at", "answer_by"))


def get(session_id: UUID) -> SupportSession:
    session = SupportSession.objects.filter(pk=session_id).first()
    if session is None:
        raise UnknownSession
    return session


def stay(session: SupportSession, now: datetime, priority: int, unanswered_by: User | None = None) -> QueueEntry:
    """A stay in the queue that begins now, to be stored by the caller."""
    entry = QueueEntry(session=session, joined_at=now, first_joined_at=session.joined_at, priority=priority)
    entry.unanswered_by, entry.position_at_join = unanswered_by, queue.ahead_of(entry) + 1
    return entry


def back_to_queue(session: SupportSession, now: datetime, unanswered_by: User | None = None) -> bool:
    """A new stay at the place of the first join. With `unanswered_by`, only if the claim is still unanswered."""
    again_at = max(now, session.claimed_at or now)
    still = Q(claimed_at=session.claimed_at, answer_by=session.answer_by) if unanswered_by else None
    if not change(session, State.WAITING, again_at, RELEASED, still=still):
        return False
    stay(session, again_at, session.entries.latest("pk").priority, unanswered_by).save()
    return True


def begin_callback(now: datetime, **told: str) -> SupportSession:
    """A visit that begins with a message: nobody waits, somebody is to be called back."""
    session = SupportSession.objects.create(
        state=State.CALLBACK,
        callback=True,
        joined_at=now,
        last_seen_at=now,
        trace_id=current_trace_id(),
        traceparent=current_traceparent(),
        **told,
    )
    announce(session_changed, change=Change(session.pk, "", State.CALLBACK, now, traceparent=session.traceparent))
    return session


def back_to_callbacks(session: SupportSession, now: datetime) -> bool:
    """Whoever took it has not reached the customer: it is to be called back again."""
    return change(session, State.CALLBACK, max(now, session.connected_at or now), RELEASED)


def close(
    session: SupportSession,
    target: State,
    at: datetime,
    departure: str = "",
    still: Q | None = None,
    noticed_at: datetime | None = None,
    **more: str,
) -> bool:
    """End the session as of `at`, which was `noticed_at`: until then staff had the customer in hand."""
    ended_at = max(at, session.joined_at, session.connected_at or session.claimed_at or session.joined_at)
    return change(session, target, ended_at, {"ended_at": ended_at, **more}, departure, still, noticed_at)


def change(
    session: SupportSession,
    target: State,
    at: datetime,
    values: Mapping[str, datetime | User | str | None],
    departure: str = "",
    still: Q | None = None,
    noticed_at: datetime | None = None,
) -> bool:
    """Move to `target` as of `at`, with `values`; False when somebody was first, or it is not `still` as it was."""
    before = session.state
    if target not in TRANSITIONS[before]:
        raise WrongState
    # Whoever calls this in a transaction of their own lets an error end it: without a savepoint, two statements less.
    with transaction.atomic(savepoint=False):
        unmoved = SupportSession.objects.filter(still or Q(), pk=session.pk, state=before)
        if not unmoved.update(state=target, **values):
            return False
        _hands(session, target, noticed_at or at, values.get("staff"))
        since, wait_ms = session.connected_at or session.claimed_at, None
        if before == State.WAITING:
            entry = _leave_queue(session.pk, departure, at)
            since, wait_ms = entry.joined_at, entry.lasted_ms
        moved = Change(session.pk, before, target, at, since, wait_ms, session.traceparent, session.synthetic)
        announce(session_changed, change=moved)
    for name, value in {"state": target, **values}.items():
        setattr(session, name, value)
    return True


def _hands(session: SupportSession, target: State, at: datetime, staff: object) -> None:
    """Whoever gets the session in hand, or has it no longer, goes to another state of duty with it."""
    if session.synthetic:  # the self-test's member of staff serves nobody
        return
    if isinstance(staff, User) and target in HELD:
        duty.takes(staff.pk, session.pk, at)
    elif session.staff_id is not None and target not in HELD:
        talked = session.connected_at is not None
        duty.releases(session.staff_id, session.pk, at, over=target in CLOSED, talked=talked)


def _leave_queue(session_id: UUID, departure: str, at: datetime) -> QueueEntry:
    """Close the open stay."""
    entry = QueueEntry.objects.get(session=session_id, left_at=None)
    entry.left_at, entry.departure = max(at, entry.joined_at), departure
    entry.save(update_fields=["left_at", "departure"])
    return entry
