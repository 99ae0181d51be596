"""Any stretch of time, hour by hour: hours that are over from what was kept of them, the others from the rows.

Hours are those of the clock on the wall in TIME_ZONE, counted from midnight: a day on which the clocks change has 23 or
25 of them. Both ways to read give the same whole numbers, so that nobody can tell them apart.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from sessions_app.hourly_models import HourTally, StaffHour
from sessions_app.models import Departure, QueueEntry, SupportSession
from sessions_app.quotes import graded
from sessions_app.tallying import MICROSECOND, NAMES, Tally, Visit, tally, total
from sessions_app.workload import (
    WORK,
    Stretch,
    Work,
    Works,
    handle,
    no_works,
    of_sessions,
    spend,
    stretches,
    stretches_of,
    together,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """An hour, or what of it lies within the time that was asked for. `hour` is None when it was counted now."""

    since: datetime
    until: datetime
    tally: Tally
    hour: int | None = None


@dataclass(frozen=True)
class Stretched:
    """A stretch of time: its parts, one after the other, and what each member of staff did in all of it."""

    parts: list[Part]
    works: Works

    @property
    def tally(self) -> Tally:
        return total(part.tally for part in self.parts)


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def midnight(day: date) -> datetime:
    """When `day` begins in TIME_ZONE: at the jump where the clocks skip midnight, at the first where they repeat it."""
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def hours(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The hours that `since` to `until` touches, whole ones; the last of a day may be shorter."""
    day = since.astimezone(zone()).date()
    while (began := midnight(day)) < until:
        day += timedelta(days=1)
        ends = midnight(day)
        while began < ends:
            hour = began, min(began + HOUR, ends)
            if hour[1] > since and hour[0] < until:
                yield hour
            began = hour[1]


def look(since: datetime, now: datetime, until: datetime | None = None) -> Stretched:
    """Who joined from `since` to `until`, that moment left out, or to `now` without one, by what became of each."""
    end = until or now
    kept = {row[1]: row for row in _kept(since, end)}
    spans = [
        (max(hour, since), min(ends, end), kept.get(hour) if since <= hour and ends <= end else None)
        for hour, ends in hours(since, end)
    ]
    works, parts = no_works(), list[Part]()
    for is_kept, run in groupby(spans or [(since, end, None)], key=lambda span: span[2] is not None):
        if is_kept:
            parts += [Part(first, last, Tally(*row[2:]), row[0]) for first, last, row in run if row]
        else:
            counted_now = list(run)
            edges = [*(first for first, _last, _row in counted_now), counted_now[-1][1]]
            counted = count(edges, now, running=until is None and edges[-1] == end)
            parts += [part for part, _works in counted]
            add(works, *(own for _part, own in counted))
    add(works, _kept_works([part.hour for part in parts if part.hour is not None]))
    return Stretched(parts, works)


def add(works: Works, *more: Works) -> None:
    for each in more:
        for staff_id, work in each.items():
            works[staff_id].add(work)


def matching() -> QuerySet[HourTally]:
    """What was kept as it would be counted today."""
    return HourTally.objects.filter(
        zone=settings.TIME_ZONE, target_s=settings.DESK_SERVICE_TARGET_S, short_s=settings.DESK_SHORT_ABANDON_S
    )


def _kept(since: datetime, until: datetime) -> QuerySet[HourTally, tuple[Any, ...]]:
    return matching().filter(since__gte=since, since__lt=until).order_by().values_list("pk", "since", *NAMES)


def _kept_works(kept: list[int]) -> Works:
    works = no_works()
    if kept:
        sums = {name: Sum(name) for name in WORK}
        rows = StaffHour.objects.filter(hour__in=kept).order_by().values("staff").annotate(**sums)
        for staff_id, *spent in rows.values_list("staff", *WORK):
            works[staff_id] = Work(*spent)
    return works


def count(edges: Sequence[datetime], now: datetime, *, running: bool = False) -> list[tuple[Part, Works]]:
    """Each part between two of `edges` from the rows; `running` when whoever joins now belongs to the last one."""
    since, until = edges[0], None if running else edges[-1]
    visits = _by_part(edges, [(visit.joined_at, visit) for visit in _visits(since, until)])
    claims = _by_part(edges, _claims(since, until))
    grades = _by_part(edges, [(at, grade) for at, grade in graded(since, until, now)])
    worked = stretches(since, edges[-1], now)
    on_duty = _by_parts(edges, worked)
    served = of_sessions(stretches_of(since, until, now) if until else worked)
    return [
        _part(span, now, visits[at], claims[at], grades[at], on_duty[at], served)
        for at, span in enumerate(pairwise(edges))
    ]


def _part(
    span: tuple[datetime, datetime],
    now: datetime,
    visits: list[Visit],
    claims: list[int],
    grades: list[str],
    on_duty: list[Stretch],
    served: Mapping[UUID, list[Stretch]],
) -> tuple[Part, Works]:
    works = no_works()
    spend(works, on_duty, *span)
    handle(works, visits, served)
    all_work = together(works.values())
    counted = replace(
        tally(visits, now, settings.DESK_SERVICE_TARGET_S, settings.DESK_SHORT_ABANDON_S),
        handling_us=all_work.handling_us,
        stays=len(claims),
        stays_us=sum(claims),
        **{name: grades.count(name) for name in ("kept", "longer", "shorter")},
        available_us=all_work.available_us,
        busy_us=all_work.busy_us,
        paused_us=all_work.paused_us,
    )
    return Part(*span, counted), works


def _by_parts(edges: Sequence[datetime], worked: list[Stretch]) -> list[list[Stretch]]:
    """The stretches that reach into each part."""
    parts: list[list[Stretch]] = [[] for _ in edges[1:]]
    for stretch in worked:
        first = max(0, bisect_right(edges, stretch.began_at) - 1)
        for at in range(first, min(bisect_left(edges, stretch.ended_at), len(parts))):
            parts[at].append(stretch)
    return parts


def _by_part(edges: Sequence[datetime], found: list[tuple[datetime, Any]]) -> list[list[Any]]:
    """What is `found`, by the part that its moment lies in; what is later belongs to the last one."""
    parts: list[list[Any]] = [[] for _ in edges[1:]]
    for at, one in found:
        parts[min(bisect_right(edges, at), len(parts)) - 1].append(one)
    return parts


def _joined(since: datetime, until: datetime | None, prefix: str = "") -> Q:
    # Who left a message has not joined.
    joined = Q(**{f"{prefix}joined_at__gte": since, f"{prefix}synthetic": False, f"{prefix}callback": False})
    return joined & Q(**{f"{prefix}joined_at__lt": until}) if until else joined


def _visits(since: datetime, until: datetime | None) -> list[Visit]:
    rows = SupportSession.objects.filter(_joined(since, until)).order_by()
    return [Visit(*row) for row in rows.values_list(*Visit._fields)]


def _claims(since: datetime, until: datetime | None) -> list[tuple[datetime, int]]:
    """When the customer joined, and how long (microseconds) the stay in the queue lasted that ended in a claim."""
    # No stay begins before its join: so the index of those that were claimed is not read from its beginning.
    stays = QueueEntry.objects.filter(departure=Departure.CLAIMED, joined_at__gte=since).order_by()
    if until:
        stays = stays.filter(_joined(since, until, "session__"))
    else:  # who is taken has joined before: so an index finds them
        stays = stays.filter(left_at__gte=since, first_joined_at__gte=since, session__synthetic=False)
    rows = stays.values_list("first_joined_at", "joined_at", "left_at")
    return [(first, (left_at - at) // MICROSECOND) for first, at, left_at in rows if left_at]
