"""Customers who go without a word: who has not been seen, whose page does not answer, whose visit is too old."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from monitoring import audit, traced
from sessions_app import duty, queue
from sessions_app.models import OPEN, Departure, State, SupportSession
from sessions_app.signals import announce, claim_unanswered
from sessions_app.transitions import back_to_callbacks, back_to_queue, close

# A call whose customer has been silent for this many times DESK_GONE_AFTER is over.
CALL_PATIENCE = 5


def heartbeat(session_ids: Collection[UUID], now: datetime) -> None:
    SupportSession.objects.filter(pk__in=session_ids, state__in=OPEN).update(last_seen_at=now)


def give_time(now: datetime) -> None:
    """The server comes up, or its database. Nobody could be heard meanwhile: the time to say something begins again."""
    SupportSession.objects.filter(state__in=OPEN).update(last_seen_at=now)
    answer_by = now + timedelta(seconds=settings.DESK_ANSWER_WITHIN)
    SupportSession.objects.filter(state=State.CONNECTING, answer_by__lt=answer_by).update(answer_by=answer_by)
    duty.give_time(now)


@traced("desk.abandon_gone")
def abandon_gone(now: datetime) -> int:
    """Close the visits of customers who have gone, dated back to when they were last seen. Returns how many."""
    return sum(_abandon(session, now) for session in SupportSession.objects.filter(_gone(now)))


@traced("desk.return_unanswered")
def return_unanswered(now: datetime) -> int:
    """Put customers whose page has not answered a claim in time back to their place. Returns how many."""
    return sum(_return(session, now) for session in SupportSession.objects.filter(_unanswered(now)))


def sweep(now: datetime) -> None:
    """Both of the above for those who call it often: costs one look, and no span, while there is nothing to do.

    The gone go first: they are not worth a place in the queue. What staff do ends by itself, too.
    """
    if SupportSession.objects.filter(_gone(now) | _unanswered(now)).exists():
        abandon_gone(now)
        return_unanswered(now)
    duty.sweep(now)


def _gone(now: datetime) -> Q:
    silent_call = now - CALL_PATIENCE * timedelta(seconds=settings.DESK_GONE_AFTER)
    before_call = Q(state__in=(State.WAITING, State.CONNECTING), last_seen_at__lt=queue.seen_since(now))
    # Who left a message need not have a page open while staff call them back.
    return before_call | Q(state=State.ACTIVE, callback=False, last_seen_at__lt=silent_call)


def _unanswered(now: datetime) -> Q:
    return Q(state=State.CONNECTING, answer_by__lt=now)


@traced("desk.expire_stale")
def expire_stale(now: datetime) -> int:
    """Close the visits that have been open for more than DESK_SESSION_HOURS, and messages that nobody has answered for
    DESK_CALLBACK_DAYS. Returns how many.
    """
    too_long = Q(state__in=OPEN, callback=False, joined_at__lt=now - timedelta(hours=settings.DESK_SESSION_HOURS))
    unheard = Q(state=State.CALLBACK, joined_at__lt=now - timedelta(days=settings.DESK_CALLBACK_DAYS))
    stale = SupportSession.objects.filter(too_long | unheard)
    return sum(close(session, State.EXPIRED, now, Departure.EXPIRED) for session in stale)


@traced("desk.return_forgotten")
def return_forgotten(now: datetime) -> int:
    """Put messages that somebody took DESK_SESSION_HOURS ago, and forgot, back on the list. Returns how many."""
    taken = Q(claimed_at__lt=now - timedelta(hours=settings.DESK_SESSION_HOURS))
    forgotten = SupportSession.objects.filter(taken, state=State.ACTIVE, callback=True)
    return sum(back_to_callbacks(session, now) for session in forgotten)


def _abandon(session: SupportSession, now: datetime) -> bool:
    target = State.ENDED if session.state == State.ACTIVE else State.ABANDONED
    unseen = Q(last_seen_at=session.last_seen_at)
    return close(session, target, session.last_seen_at, Departure.GONE, unseen, noticed_at=now)


def _return(session: SupportSession, now: datetime) -> bool:
    staff = session.staff
    with transaction.atomic():
        if not back_to_queue(session, now, unanswered_by=staff):
            return False
        audit(None, "requeue", f"session {session.pk}", reason="unanswered", claimed_by=str(staff))
        if not session.synthetic:
            announce(claim_unanswered, session_id=session.pk)
    return True
