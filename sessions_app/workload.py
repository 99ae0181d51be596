"""What members of staff did within a window, from their periods: how busy they were, and how long they handled whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from sessions_app.duty import State, wrap_up_limit
from sessions_app.models import StaffPeriod
from sessions_app.tallying import Visit, ratio


class Stretch(NamedTuple):
    """A period; what is going on ends at the time of reading, a wrap-up at its limit at the latest."""

    staff_id: int
    state: str
    session_id: UUID | None
    began_at: datetime
    ended_at: datetime

    def within_s(self, since: datetime) -> float:
        """The part of it that lies after `since`."""
        return max(0.0, (self.ended_at - max(self.began_at, since)).total_seconds())


@dataclass(frozen=True)
class Load:
    """Seconds of staff within a window. Talk counts from taking a customer: so long is one busy with them."""

    available_s: float = 0
    busy_s: float = 0
    """In a call or in wrap-up."""
    paused_s: float = 0

    @property
    def on_duty_s(self) -> float:
        return self.available_s + self.busy_s + self.paused_s

    @property
    def occupancy(self) -> float | None:
        """(talk + wrap-up) / (on duty - paused), from 0 to 1; None: nobody was there."""
        return ratio(self.busy_s, self.available_s + self.busy_s)


def stretches(since: datetime, now: datetime) -> list[Stretch]:
    """The periods that reach into the window from `since` to `now`."""
    rows = StaffPeriod.objects.filter(Q(ended_at__gt=since) | Q(ended_at=None), began_at__lt=now)
    fields = ("staff_id", "state", "session_id", "began_at", "ended_at")
    return [
        Stretch(staff_id, state, session_id, began_at, min(ended_at or _end(state, began_at, now), now))
        for staff_id, state, session_id, began_at, ended_at in rows.values_list(*fields)
    ]


def _end(state: str, began_at: datetime, now: datetime) -> datetime:
    return began_at + wrap_up_limit() if state == State.WRAP_UP else now


def loads(found: Iterable[Stretch], since: datetime) -> dict[int, Load]:
    """By member of staff."""
    seconds: defaultdict[tuple[int, str], float] = defaultdict(float)
    for stretch in found:
        seconds[stretch.staff_id, stretch.state] += stretch.within_s(since)
    return {
        pk: Load(
            available_s=seconds[pk, State.AVAILABLE],
            busy_s=seconds[pk, State.IN_CALL] + seconds[pk, State.WRAP_UP],
            paused_s=seconds[pk, State.PAUSED],
        )
        for pk in {staff_id for staff_id, _ in seconds}
    }


def together(each: Iterable[Load]) -> Load:
    rows = list(each)
    return Load(*(sum(column) for column in zip(*((r.available_s, r.busy_s, r.paused_s) for r in rows), strict=True)))


def handling_s(handled: Iterable[Visit], found: Iterable[Stretch]) -> dict[int, float]:
    """By member of staff, the seconds spent on sessions that were `handled`, whoever ended them: talk + wrap-up.

    The last talk counts from connecting to the end. When a customer was handed back, nobody keeps since when they were
    connected: the talk before counts from its claim, with the seconds that connecting took.
    """
    spent: defaultdict[int, float] = defaultdict(float)
    visits = {visit.pk: visit for visit in handled}
    for visit in visits.values():
        if visit.staff_id:
            spent[visit.staff_id] += visit.talk_s
    for stretch in found:
        served = visits.get(stretch.session_id) if stretch.session_id else None
        if served and served.claimed_at and _is_more(stretch, served.claimed_at):
            spent[stretch.staff_id] += stretch.within_s(stretch.began_at)
    return dict(spent)


def _is_more(stretch: Stretch, claimed_at: datetime) -> bool:
    """Whether it is time that the last talk does not hold."""
    return stretch.state == State.WRAP_UP or (stretch.state == State.IN_CALL and stretch.began_at < claimed_at)
