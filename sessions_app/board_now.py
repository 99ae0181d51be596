"""The desk at this moment, without anything that says who its customers are."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count

from sessions_app import door, duty, pace, queue
from sessions_app.models import OPEN, State, SupportSession
from sessions_app.quotes import quote
from sessions_app.service import recent

FAR_OVER = 3  # times the target, from which a wait is bad


@dataclass(frozen=True)
class Now:
    """`least_min` and `most_min` are what somebody who joins now is told; None: they are told nothing.

    `kept_ratio` is how often such ranges were right today.
    """

    at: datetime
    waiting: int
    longest_wait_s: int
    target_s: int
    connecting: int
    active: int
    callbacks: int
    staff: dict[str, int]
    least_min: int | None
    most_min: int | None
    kept_ratio: float | None
    way: str

    @property
    def level(self) -> str:
        """Of the longest wait: "" while nobody waits, "good" up to the target, "warn", and "bad" from FAR_OVER on."""
        if not self.waiting:
            return ""
        return level_of(self.longest_wait_s)

    @property
    def on_duty(self) -> int:
        return sum(self.staff.values())

    @property
    def serving(self) -> int:
        """Who is on duty and not paused."""
        return self.on_duty - self.staff[duty.State.PAUSED]


def level_of(wait_s: int) -> str:
    if wait_s <= settings.DESK_SERVICE_TARGET_S:
        return "good"
    return "warn" if wait_s <= FAR_OVER * settings.DESK_SERVICE_TARGET_S else "bad"


def read(now: datetime) -> Now:
    counts = _counts()
    least, most = quote(pace.recent(now).expected_wait_s(counts[State.WAITING] + 1))
    return Now(
        at=now,
        waiting=counts[State.WAITING],
        longest_wait_s=queue.longest_wait_s(now),
        target_s=settings.DESK_SERVICE_TARGET_S,
        connecting=counts[State.CONNECTING],
        active=counts[State.ACTIVE],
        callbacks=counts[State.CALLBACK],
        staff=duty.counts(duty.members(now)),
        least_min=least,
        most_min=most,
        kept_ratio=recent(now).quotes.kept_ratio,
        way=door.door(now).way,
    )


def _counts() -> Counter[str]:
    """Of those who are there, and of the messages: queue.counts() also reads how many there ever were."""
    here = SupportSession.objects.filter(state__in=(*OPEN, State.CALLBACK), synthetic=False).order_by()
    return Counter(dict(here.values_list("state").annotate(Count("pk"))))
