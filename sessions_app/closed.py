"""How many sessions are over, by state, without counting millions of them each time.

What ended long enough ago is counted once by each process, and only what ended since is counted anew. That is exact
because an end is dated back no further than to when the customer was last seen: what ended before anybody who is still
there was last seen gets no more.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Min, Q

from sessions_app.models import CLOSED, OPEN, SupportSession

MANY = 10_000  # rows, which an index counts in a millisecond or two
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SLACK = timedelta(minutes=10)  # between the clocks of hosts, and for ends that are written just now


@dataclass(frozen=True)
class Settled:
    """Of those that ended before `until`."""

    until: datetime = BEGINNING
    counts: Counter[str] = field(default_factory=Counter)


class Kept:
    """This process' memory."""

    settled = Settled()
    lock = threading.Lock()


def counts(now: datetime) -> Counter[str]:
    """Sessions that are over, by state, those of the self-test included."""
    settled = Kept.settled
    since = _ended(Q(ended_at__gte=settled.until))
    if since.total() > MANY:
        _settle(now)
    return settled.counts + since


def forget() -> None:
    Kept.settled = Settled()


def _settle(now: datetime) -> None:
    """Who left a message need not have been seen for days, and is never dated back."""
    with Kept.lock:
        before = Kept.settled
        here = SupportSession.objects.filter(state__in=OPEN, callback=False)
        until = min(now, here.aggregate(first=Min("last_seen_at"))["first"] or now) - SLACK
        if until > before.until:
            more = _ended(Q(ended_at__gte=before.until, ended_at__lt=until))
            Kept.settled = Settled(until, before.counts + more)


def _ended(when: Q) -> Counter[str]:
    """One question for each state: for all of them together SQLite would read every session to group them."""
    return Counter({str(state): SupportSession.objects.filter(when, state=state).count() for state in CLOSED})
