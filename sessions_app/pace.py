"""How fast the queue moves, and so how long somebody who joins may expect to wait."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from django.db.models import Avg, Count, F, Q, Sum

from sessions_app import duty
from sessions_app.models import Departure, QueueEntry, StaffPeriod, State, SupportSession

WINDOW = timedelta(hours=2)
LEAST_ANSWERED = 10  # with fewer answered in the window no wait is promised
KEPT_S = 5  # how long it serves those who join
AVERAGED_S = 30  # how long what two hours came to does: on a busy desk these are thousands of rows
LONGEST_WRAP_UP = timedelta(hours=1)  # that DESK_WRAP_UP_S may allow: by when they began an index finds them
STEP_S = 30  # what is quoted is rounded up to this: more digits would claim more than is known


@dataclass(frozen=True)
class Pace:
    """`staff` serve, for `handling_s` on average, from claim to the end of wrap-up.

    `abandons_per_s` is how often one who waits gives up.
    """

    answered: int
    handling_s: float
    staff: int
    abandons_per_s: float

    def expected_waits_s(self, places: int) -> list[int | None]:
        """What to quote at each of the first `places` places of the queue, in seconds.

        The n-th waits for n departures in turn: with c staff, sum over i = 0..n-1 of 1 / (c / handling + i * abandons).
        """
        if self.answered < LEAST_ANSWERED or not self.staff:
            return [None] * places
        served_per_s = self.staff / max(self.handling_s, 1)
        waits = accumulate(1 / (served_per_s + ahead * self.abandons_per_s) for ahead in range(places))
        return [STEP_S * -int(-wait // STEP_S) for wait in waits]

    def expected_wait_s(self, place: int) -> int | None:
        return self.expected_waits_s(place)[-1]


def recent(now: datetime) -> Pace:
    """`pace`, at most KEPT_S old, with averages of AVERAGED_S: what is told does not change between two joins."""
    return _kept(int(now.timestamp()) // KEPT_S)


@lru_cache(maxsize=2)
def _kept(turn: int) -> Pace:
    now = datetime.fromtimestamp(turn * KEPT_S, tz=UTC)
    return replace(_averaged(turn * KEPT_S // AVERAGED_S), staff=duty.on_duty(now))


@lru_cache(maxsize=2)
def _averaged(turn: int) -> Pace:
    return pace(datetime.fromtimestamp(turn * AVERAGED_S, tz=UTC))


def forget() -> None:
    _kept.cache_clear()
    _averaged.cache_clear()


def pace(now: datetime) -> Pace:
    since = now - WINDOW
    handled = SupportSession.objects.filter(
        state=State.ENDED, ended_at__gt=since, synthetic=False, callback=False
    ).aggregate(answered=Count("pk"), mean=Avg(F("ended_at") - F("claimed_at")))
    wrap_ups = StaffPeriod.objects.filter(
        state=StaffPeriod.State.WRAP_UP, ended_at__gt=since, began_at__gt=since - LONGEST_WRAP_UP
    )
    wrapped_up = wrap_ups.aggregate(mean=Avg(F("ended_at") - F("began_at")))["mean"]
    stays = QueueEntry.objects.filter(left_at__gt=since, session__synthetic=False).aggregate(
        gave_up=Count("pk", filter=Q(departure__in=(Departure.LEFT, Departure.GONE))),
        waited=Sum(F("left_at") - F("joined_at")),
    )
    waited_s = stays["waited"].total_seconds() if stays["waited"] else 0
    return Pace(
        answered=handled["answered"],
        handling_s=((handled["mean"] or timedelta()) + (wrapped_up or timedelta())).total_seconds(),
        staff=duty.on_duty(now),
        abandons_per_s=stays["gave_up"] / waited_s if waited_s else 0,
    )
