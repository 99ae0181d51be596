"""What customers are told to expect at the join, what is left of it while they wait, and what it was worth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

from django.db.models import Q

from sessions_app.models import Departure, QueueEntry

LEAST_GRADED = 10  # with fewer in the window nothing is said of how good the quotes are
MINUTE = timedelta(minutes=1)


def quote(wait_s: int | None) -> tuple[int, int] | tuple[None, None]:
    """`wait_s` as a range in minutes: even a good estimate is within half of the truth only about half of the time."""
    return (None, None) if wait_s is None else (wait_s // 120, -(-wait_s * 3 // 120))


@dataclass(frozen=True)
class Told:
    """The range that somebody was told who joined at `place`, in whole minutes."""

    least_min: int
    most_min: int
    place: int

    def left(self, place: int, waited: timedelta) -> tuple[int, int]:
        """What to say of the rest, at `place` by now: a most of 0 when it takes longer than they were told.

        It never counts up. It is what was told, less the time since; and no more than the share of it that belongs to
        the places which are still ahead. An estimate made anew would be nearer to the truth, and would go back and
        forth before the eyes of those who wait. Only where somebody with a higher priority joins ahead of them may it
        grow again, with the place, and never beyond what was told.
        """
        share, since_min = min(1, place / self.place), waited / MINUTE
        least, most = (min(told - since_min, told * share) for told in (self.least_min, self.most_min))
        return max(0, floor(least)), max(0, ceil(most))


def grade(least_min: int, most_min: int, waited: timedelta) -> str:
    """Of a stay that ended in a claim: "kept", or "shorter" or "longer" than was told."""
    return "shorter" if waited < least_min * MINUTE else "longer" if waited > most_min * MINUTE else "kept"


@dataclass(frozen=True)
class Grades:
    """How many of the ranges told were kept, and how many waits were longer or shorter."""

    kept: int = 0
    longer: int = 0
    shorter: int = 0

    @property
    def kept_ratio(self) -> float | None:
        """The share kept, from 0 to 1; None with fewer than LEAST_GRADED graded."""
        graded = self.kept + self.longer + self.shorter
        return self.kept / graded if graded >= LEAST_GRADED else None


NONE_GRADED = Grades()


def graded(since: datetime, until: datetime | None, now: datetime) -> list[tuple[datetime, str]]:
    """The stays that ended in a claim from `since` to `until`, or up to `now`, and what the range told was worth.

    Nobody knows how long the others would have become.
    """
    ended = Q(left_at__gte=since) & (Q(left_at__lt=until) if until else Q(left_at__lte=now))
    stays = QueueEntry.objects.filter(ended, session__synthetic=False, expected_least_min__isnull=False)
    rows = stays.order_by().values_list("departure", "expected_least_min", "expected_most_min", "joined_at", "left_at")
    # Not asked for in the database, which would then read all that were ever claimed.
    return [
        (left_at, grade(least, most, left_at - at))
        for departure, least, most, at, left_at in rows
        if departure == Departure.CLAIMED and least is not None and most is not None and left_at
    ]
