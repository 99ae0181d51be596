"""What members of staff did within a window, from their periods: how busy they were, and how long they handled whom."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery

from sessions_app.duty import Reason, State, wrap_up_limit
from sessions_app.models import StaffPeriod, SupportSession
from sessions_app.tallying import MICROSECOND, Visit, is_handled, mean_s, ratio


class Stretch(NamedTuple):
    """A period; what is going on ends at the time of reading, a wrap-up at its limit at the latest.

    What its member of staff did after `sure_until` may still turn out to have been otherwise; None: nothing may.
    """

    staff_id: int
    state: str
    reason: str
    session_id: UUID | None
    began_at: datetime
    ended_at: datetime
    sure_until: datetime | None = None

    def within_us(self, since: datetime, until: datetime) -> int:
        """The part of it that lies from `since` to `until`."""
        return max(0, (min(self.ended_at, until) - max(self.began_at, since)) // MICROSECOND)

    def reaches_into(self, since: datetime, until: datetime) -> bool:
        return self.began_at < until and self.ended_at > since


@dataclass
class Work:
    """Of one member of staff: sessions count for who ended them, time for who spent it. Times are microseconds.

    Talk counts from taking a customer: so long is one busy with them.
    """

    handled: int = 0
    handling_us: int = 0
    available_us: int = 0
    in_call_us: int = 0
    wrap_up_us: int = 0
    break_us: int = 0
    meeting_us: int = 0
    training_us: int = 0
    other_work_us: int = 0

    def add(self, other: "Work") -> None:
        for name in WORK:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def busy_us(self) -> int:
        return self.in_call_us + self.wrap_up_us

    @property
    def paused_us(self) -> int:
        return sum(self.pauses_us.values())

    @property
    def pauses_us(self) -> dict[str, int]:
        """By reason."""
        return {reason: getattr(self, f"{reason}_us") for reason in Reason.values}

    @property
    def on_duty_us(self) -> int:
        return self.available_us + self.busy_us + self.paused_us

    @property
    def aht_s(self) -> float | None:
        return mean_s(self.handling_us, self.handled)

    @property
    def occupancy(self) -> float | None:
        """(talk + wrap-up) / (on duty - paused), from 0 to 1; None: they were not there."""
        return ratio(self.busy_us, self.available_us + self.busy_us)


WORK = tuple(field.name for field in fields(Work))
Works = defaultdict[int, Work]  # by member of staff


def no_works() -> Works:
    return defaultdict(Work)


def together(each: Iterable[Work]) -> Work:
    whole = Work()
    for one in each:
        whole.add(one)
    return whole


def stretches(since: datetime, until: datetime, now: datetime, of: Collection[int] | None = None) -> list[Stretch]:
    """The periods, of some members of staff or of all, that reach into the time from `since` to `until`, as they are
    known at `now`.
    """
    rows = StaffPeriod.objects.filter(began_at__lt=until).order_by()
    if of is not None:
        rows = rows.filter(staff__in=of)
    over = rows.filter(ended_at__gt=since, ended_at__lte=until)
    going_on = rows.filter(pk__in=_last_begun(until)).exclude(ended_at__lte=until)
    # As one condition PostgreSQL would read every period there ever was: each of these an index answers. Yet it is one
    # statement, or what ends between two of them would be found by neither.
    return _read(over.union(going_on, all=True), now)


def _last_begun(until: datetime) -> QuerySet[User, int | None]:
    """The last period of each member of staff that began before `until`: all that can last beyond it.

    Whoever asks for all that ended later reads every period there has been since.
    """
    own = StaffPeriod.objects.filter(staff=OuterRef("pk"), began_at__lt=until).order_by("-began_at", "-pk")
    return User.objects.annotate(last=Subquery(own.values("pk")[:1])).values_list("last", flat=True)


def stretches_of(joined_from: datetime, joined_before: datetime, now: datetime) -> list[Stretch]:
    """The calls and wrap-ups of sessions that joined then, whenever those were."""
    sessions = SupportSession.objects.filter(joined_at__gte=joined_from, joined_at__lt=joined_before)
    # Not asked for by state, by which SQLite would read all that began since.
    rows = _read(StaffPeriod.objects.filter(session__in=sessions.values("pk"), began_at__gte=joined_from), now)
    return [stretch for stretch in rows if stretch.state in (State.IN_CALL, State.WRAP_UP)]


def stretches_with(sessions: Collection[UUID], now: datetime) -> list[Stretch]:
    """The calls and wrap-ups of these sessions."""
    return _read(StaffPeriod.objects.filter(session__in=sessions, state__in=(State.IN_CALL, State.WRAP_UP)), now)


def _read(rows: QuerySet[StaffPeriod], now: datetime) -> list[Stretch]:
    found = rows.order_by().values_list(*Stretch._fields[:-1], "last_seen_at")
    return [
        # By the clock of another host it may have ended a moment later than now.
        Stretch(staff_id, state, reason, session_id, began_at, min(ended_at, now), now if ended_at > now else None)
        if ended_at
        else _going_on(Stretch(staff_id, state, reason, session_id, began_at, now), seen_at)
        for staff_id, state, reason, session_id, began_at, ended_at, seen_at in found
    ]


def _going_on(stretch: Stretch, seen_at: datetime) -> Stretch:
    """A call ends when that is noticed, never in the past. A wrap-up ends at its limit, whenever that is noticed, and
    they are available from then; who is available or paused, and is not seen again, will have gone when last seen.
    """
    if stretch.state == State.IN_CALL:
        return stretch
    if stretch.state == State.WRAP_UP:
        ends = min(stretch.began_at + wrap_up_limit(), stretch.ended_at)
        return stretch._replace(ended_at=ends, sure_until=stretch.began_at)
    return stretch._replace(sure_until=max(stretch.began_at, seen_at))


def spend(works: Works, found: Iterable[Stretch], since: datetime, until: datetime) -> None:
    """Add the time on duty that lies from `since` to `until`."""
    for stretch in found:
        work, name = works[stretch.staff_id], f"{stretch.reason or stretch.state}_us"
        setattr(work, name, getattr(work, name) + stretch.within_us(since, until))


def of_sessions(found: Iterable[Stretch]) -> dict[UUID, list[Stretch]]:
    """The calls and wrap-ups, by session."""
    served: dict[UUID, list[Stretch]] = {}
    for stretch in found:
        if stretch.session_id and stretch.state in (State.IN_CALL, State.WRAP_UP):
            served.setdefault(stretch.session_id, []).append(stretch)
    return served


def handle(works: Works, visits: Iterable[Visit], served: Mapping[UUID, list[Stretch]]) -> None:
    """Add the sessions that were handled, and the time spent on them, whoever ended them: talk + wrap-up.

    The last talk counts from connecting to the end. When a customer was handed back, nobody keeps since when they were
    connected: the talk before counts from its claim, with the seconds that connecting took.
    """
    for visit in filter(is_handled, visits):
        if visit.staff_id is None or visit.claimed_at is None:  # nobody's: an ended session has both
            continue
        works[visit.staff_id].handled += 1
        works[visit.staff_id].handling_us += visit.talk_us
        for stretch in served.get(visit.pk, ()):
            if stretch.state == State.WRAP_UP or stretch.began_at < visit.claimed_at:  # what the last talk holds not
                works[stretch.staff_id].handling_us += stretch.within_us(stretch.began_at, stretch.ended_at)
