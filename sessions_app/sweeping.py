"""Customers who go without a word: who has not been seen, whose page does not answer, whose visit is too old."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from monitoring import audit, traced
from sessions_app import queue
from sessions_app.models import OPEN, Departure, State, SupportSession
from sessions_app.signals import announce, claim_unanswered
from sessions_app.transitions import back_to_queue, close

# A call whose customer has been silent for this many times DESK_GONE_AFTER is over.
CALL_PATIENCE = 5


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
    return sum(close(session, State.EXPIRED, now, Departure.EXPIRED) for session in stale)


def _abandon(session: SupportSession) -> bool:
    target = State.ENDED if session.state == State.ACTIVE else State.ABANDONED
    return close(session, target, session.last_seen_at, Departure.GONE, Q(last_seen_at=session.last_seen_at))


def _return(session: SupportSession, now: datetime) -> bool:
    staff = session.staff
    with transaction.atomic():
        if not back_to_queue(session, now, unanswered_by=staff):
            return False
        audit(None, "requeue", f"session {session.pk}", reason="unanswered", claimed_by=str(staff))
        if not session.synthetic:
            announce(claim_unanswered, session_id=session.pk)
    return True
