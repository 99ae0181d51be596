"""Everybody by what has become of them, each once: pure, in whole microseconds, so that parts add up to the whole."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from sessions_app.models import State

MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000


class Visit(NamedTuple):
    """A session as it is now. Handing a customer back clears `connected_at` and leaves `joined_at`."""

    pk: UUID
    state: str
    joined_at: datetime
    claimed_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    staff_id: int | None

    def wait_us(self, now: datetime) -> int:
        """From joining to being connected, or to giving up, or until now, whichever came first."""
        return max(0, ((self.connected_at or self.ended_at or now) - self.joined_at) // MICROSECOND)

    @property
    def talk_us(self) -> int:
        return (self.ended_at - self.connected_at) // MICROSECOND if self.ended_at and self.connected_at else 0


@dataclass(frozen=True)
class Tally:
    """What the customers who joined in a stretch of time came to, and what staff did in it. Times are microseconds."""

    short_abandons: int = 0
    answered: int = 0
    answered_in_time: int = 0
    answered_us: int = 0
    """Waits of the answered."""
    abandoned: int = 0
    abandoned_in_time: int = 0
    abandoned_us: int = 0
    others: int = 0
    """Neither answered nor abandoned: still waiting, expired, or ended unconnected."""
    missed: int = 0
    """Those of `others` who have waited longer than the target."""
    longest_us: int = 0
    """The longest wait of all of them, whatever became of it; of short abandons none."""
    handled: int = 0
    handling_us: int = 0
    stays: int = 0
    """Stays in the queue that ended in a claim."""
    stays_us: int = 0
    kept: int = 0
    """Of the stays that ended in a claim within this time, those within the range that was told; then the others."""
    longer: int = 0
    shorter: int = 0
    available_us: int = 0
    """Of all staff together; busy is in a call or in wrap-up."""
    busy_us: int = 0
    paused_us: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return total((self, other))

    @property
    def offered(self) -> int:
        return self.answered + self.abandoned + self.others

    @property
    def joined(self) -> int:
        return self.offered + self.short_abandons

    @property
    def counted(self) -> int:
        """Whom the live service level counts: answered, abandoned too late, or missed."""
        return self.answered + self.abandoned - self.abandoned_in_time + self.missed

    @property
    def service_level(self) -> float | None:
        return ratio(self.answered_in_time, self.counted)

    @property
    def abandon_rate(self) -> float | None:
        return ratio(self.abandoned, self.offered)

    @property
    def asa_s(self) -> float | None:
        return mean_s(self.answered_us, self.answered)

    @property
    def queue_wait_s(self) -> float | None:
        return mean_s(self.stays_us, self.stays)

    @property
    def aht_s(self) -> float | None:
        return mean_s(self.handling_us, self.handled)

    @property
    def longest_s(self) -> float | None:
        return self.longest_us / SECOND_US if self.offered else None

    @property
    def on_duty_us(self) -> int:
        return self.available_us + self.busy_us + self.paused_us

    @property
    def occupancy(self) -> float | None:
        return ratio(self.busy_us, self.available_us + self.busy_us)


NAMES = tuple(field.name for field in fields(Tally))
LONGEST = NAMES.index("longest_us")
READ = attrgetter(*NAMES)


def total(tallies: Iterable[Tally]) -> Tally:
    rows = [READ(tally) for tally in tallies]
    if not rows:
        return Tally()
    sums = Tally(*map(sum, zip(*rows, strict=True)))
    return replace(sums, longest_us=max(row[LONGEST] for row in rows))


def as_row(tally: Tally) -> dict[str, int]:
    return dict(zip(NAMES, astuple(tally), strict=True))


def tally(visits: Iterable[Visit], now: datetime, target_s: int, short_s: int) -> Tally:
    """The part of a Tally that tells of customers: by what has become of each, and how long they waited."""
    answered, abandoned, others = [], [], []
    handled = short = 0
    for visit in visits:
        wait_us = visit.wait_us(now)
        if visit.connected_at:
            answered.append(wait_us)
            handled += visit.state == State.ENDED
        elif visit.state != State.ABANDONED:
            others.append(wait_us)
        elif wait_us <= short_s * SECOND_US:
            short += 1
        else:
            abandoned.append(wait_us)
    return Tally(
        short_abandons=short,
        answered=len(answered),
        answered_in_time=within(answered, target_s),
        answered_us=sum(answered),
        abandoned=len(abandoned),
        abandoned_in_time=within(abandoned, target_s),
        abandoned_us=sum(abandoned),
        others=len(others),
        missed=len(others) - within(others, target_s),
        longest_us=max((*answered, *abandoned, *others), default=0),
        handled=handled,
    )


def is_handled(visit: Visit) -> bool:
    """Answered, and ended by either side."""
    return visit.connected_at is not None and visit.state == State.ENDED


def within(waits_us: list[int], target_s: int) -> int:
    return sum(wait_us <= target_s * SECOND_US for wait_us in waits_us)


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def mean_s(sum_us: int, number: int) -> float | None:
    return sum_us / number / SECOND_US if number else None
