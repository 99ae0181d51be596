"""Stretches of time counted from the rows: who joined and what became of them, and what staff did."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from sessions_app.models import OPEN, Departure, QueueEntry, SupportSession
from sessions_app.quotes import graded
from sessions_app.tallying import MICROSECOND, Tally, Visit, tally
from sessions_app.workload import (
    Stretch,
    Works,
    handle,
    no_works,
    of_sessions,
    spend,
    stretches,
    stretches_of,
    stretches_with,
    together,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Left:
    """The sessions, and the members of staff, of whom a part does not count what may still change."""

    sessions: list[UUID] = field(default_factory=list)
    staff: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sessions or self.staff)


@dataclass(frozen=True)
class Part:
    """A stretch of time, and what it came to."""

    since: datetime
    until: datetime
    tally: Tally
    works: Works = field(default_factory=no_works)
    left: Left = field(default_factory=Left)

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.since, self.until


class Claim(NamedTuple):
    """Of whom, when they joined, and how long (microseconds) the stay in the queue lasted that ended in a claim."""

    session: UUID
    joined_at: datetime
    stayed_us: int


def add(works: Works, *more: Works) -> Works:
    for each in more:
        for staff_id, work in each.items():
            works[staff_id].add(work)
    return works


def count(edges: Sequence[datetime], now: datetime, *, running: bool = False, settled: bool = False) -> list[Part]:
    """Each part between two of `edges`; `running` when whoever joins now belongs to the last one.

    `settled` leaves out what may still change. For that visits are read before periods: of one that is over by then,
    the wrap-up has begun.
    """
    since, until = edges[0], None if running else edges[-1]
    visits = _visits(_joined(since, until))
    worked = stretches(since, edges[-1], now)
    served = of_sessions(stretches_of(since, until, now) if until else worked)
    left = {visit.pk for visit in visits if settled and _may_change(visit, served)}
    unsure = [(each.staff_id, each.sure_until) for each in worked if settled and each.sure_until]
    visits_by = _by_part(edges, [(visit.joined_at, visit) for visit in visits])
    claims_by = _by_part(edges, [(claim.joined_at, claim) for claim in _claims(_claimed(since, until))])
    grades_by = _by_part(edges, graded(since, until, now))
    worked_by = _by_parts(edges, worked)
    parts = []
    for at, span in enumerate(pairwise(edges)):
        out = Left(
            [visit.pk for visit in visits_by[at] if visit.pk in left],
            [staff for staff, sure_until in unsure if sure_until < span[1]],
        )
        found = _Found(visits_by[at], claims_by[at], grades_by[at], worked_by[at])
        parts.append(replace(_part(span, now, found.but(out) if out else found, served), left=out))
    return parts


def catch_up(parts: Iterable[Part], now: datetime) -> list[Part]:
    """The parts with what each left out, as that is now."""
    parts = list(parts)
    sessions = {pk for part in parts for pk in part.left.sessions}
    visits = {visit.pk: visit for visit in _visits(Q(pk__in=sessions))} if sessions else {}
    served = of_sessions(stretches_with(sessions, now)) if sessions else {}
    claims: dict[UUID, list[Claim]] = {pk: [] for pk in sessions}
    for claim in _claims(Q(session__in=sessions)) if sessions else ():
        claims[claim.session].append(claim)
    worked = _worked([part for part in parts if part.left.staff], now)
    return [_with_left(part, now, visits, claims, worked, served) if part.left else part for part in parts]


def _worked(parts: list[Part], now: datetime) -> list[Stretch]:
    if not parts:
        return []
    staff = {pk for part in parts for pk in part.left.staff}
    return stretches(min(part.since for part in parts), max(part.until for part in parts), now, staff)


def _with_left(
    part: Part,
    now: datetime,
    visits: Mapping[UUID, Visit],
    claims: Mapping[UUID, list[Claim]],
    worked: list[Stretch],
    served: Mapping[UUID, list[Stretch]],
) -> Part:
    found = _Found(
        [visits[pk] for pk in part.left.sessions if pk in visits],
        [claim for pk in part.left.sessions for claim in claims[pk]],
        [],
        [each for each in worked if each.staff_id in part.left.staff and each.reaches_into(*part.span)],
    )
    more = _part(part.span, now, found, served)
    return Part(*part.span, part.tally + more.tally, add(no_works(), part.works, more.works))


class _Found(NamedTuple):
    """The rows of one part; `grades` are those of the stays that ended in it."""

    visits: list[Visit]
    claims: list[Claim]
    grades: list[str]
    worked: list[Stretch]

    def but(self, left: Left) -> "_Found":
        sessions, staff = set(left.sessions), set(left.staff)
        return self._replace(
            visits=[visit for visit in self.visits if visit.pk not in sessions],
            claims=[claim for claim in self.claims if claim.session not in sessions],
            worked=[stretch for stretch in self.worked if stretch.staff_id not in staff],
        )


def _part(span: tuple[datetime, datetime], now: datetime, found: _Found, served: Mapping[UUID, list[Stretch]]) -> Part:
    works = no_works()
    spend(works, found.worked, *span)
    handle(works, found.visits, served)
    all_work = together(works.values())
    counted = replace(
        tally(found.visits, now, settings.DESK_SERVICE_TARGET_S, settings.DESK_SHORT_ABANDON_S),
        handling_us=all_work.handling_us,
        stays=len(found.claims),
        stays_us=sum(claim.stayed_us for claim in found.claims),
        **{name: found.grades.count(name) for name in ("kept", "longer", "shorter")},
        available_us=all_work.available_us,
        busy_us=all_work.busy_us,
        paused_us=all_work.paused_us,
    )
    return Part(*span, counted, works)


def _may_change(visit: Visit, served: Mapping[UUID, list[Stretch]]) -> bool:
    """Whether they are still there, or are still being written up."""
    return visit.state in OPEN or any(stretch.sure_until for stretch in served.get(visit.pk, ()))


def _by_parts(edges: Sequence[datetime], worked: list[Stretch]) -> list[list[Stretch]]:
    """The stretches that reach into each part."""
    parts: list[list[Stretch]] = [[] for _ in edges[1:]]
    for stretch in worked:
        first = max(0, bisect_right(edges, stretch.began_at) - 1)
        for at in range(first, min(bisect_left(edges, stretch.ended_at), len(parts))):
            parts[at].append(stretch)
    return parts


def _by_part(edges: Sequence[datetime], found: list[tuple[datetime, T]]) -> list[list[T]]:
    """What is `found`, by the part that its moment lies in; what is later belongs to the last one."""
    parts: list[list[T]] = [[] for _ in edges[1:]]
    for at, one in found:
        parts[min(bisect_right(edges, at), len(parts)) - 1].append(one)
    return parts


def _joined(since: datetime, until: datetime | None) -> Q:
    joined = Q(joined_at__gte=since, synthetic=False, callback=False)  # who left a message has not joined
    return joined & Q(joined_at__lt=until) if until else joined


def _visits(which: Q) -> list[Visit]:
    return [Visit(*row) for row in SupportSession.objects.filter(which).order_by().values_list(*Visit._fields)]


def _claimed(since: datetime, until: datetime | None) -> Q:
    """The stays of those who joined then."""
    stays = Q(joined_at__gte=since)  # none begins before its join
    if until:
        return stays & Q(session__in=SupportSession.objects.filter(_joined(since, until)).values("pk"))
    # Who is taken has joined before: so an index finds them.
    return stays & Q(left_at__gte=since, first_joined_at__gte=since, session__synthetic=False)


def _claims(which: Q) -> list[Claim]:
    # Not asked for by departure, by which SQLite would read all that were claimed since.
    stays = QueueEntry.objects.filter(which, left_at__isnull=False).order_by()
    rows = stays.values_list("departure", "session_id", "first_joined_at", "joined_at", "left_at")
    return [
        Claim(pk, first, (left_at - at) // MICROSECOND)
        for departure, pk, first, at, left_at in rows
        if departure == Departure.CLAIMED and left_at
    ]
