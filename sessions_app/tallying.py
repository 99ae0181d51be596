"""Everybody by what has become of them, each once: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sessions_app.models import State


class Visit(NamedTuple):
    """A session as it is now. Handing a customer back clears `connected_at` and leaves `joined_at`."""

    pk: UUID
    state: str
    joined_at: datetime
    claimed_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    staff_id: int | None

    def wait_s(self, now: datetime) -> float:
        """From joining to being connected, or to giving up, or until now, whichever came first."""
        return max(0.0, ((self.connected_at or self.ended_at or now) - self.joined_at).total_seconds())

    @property
    def talk_s(self) -> float:
        return (self.ended_at - self.connected_at).total_seconds() if self.ended_at and self.connected_at else 0.0


@dataclass(frozen=True)
class Outcomes:
    """Everybody by what has become of them: waits in seconds, and the answered calls that are over."""

    answered: list[float]
    abandoned: list[float]
    others: list[float]
    short_abandons: int
    handled: list[Visit]


def sort(visits: Iterable[Visit], now: datetime, short_s: int) -> Outcomes:
    answered, abandoned, others = [], [], []
    handled, short = [], 0
    for visit in visits:
        wait_s = visit.wait_s(now)
        if visit.connected_at:
            answered.append(wait_s)
            if visit.state == State.ENDED:
                handled.append(visit)
        elif visit.state != State.ABANDONED:
            others.append(wait_s)
        elif wait_s <= short_s:
            short += 1
        else:
            abandoned.append(wait_s)
    return Outcomes(answered, abandoned, others, short, handled)


def within(waits_s: list[float], target_s: int) -> int:
    return sum(wait_s <= target_s for wait_s in waits_s)


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def mean(times_s: list[float]) -> float | None:
    return ratio(sum(times_s), len(times_s))
