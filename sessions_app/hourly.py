"""Any stretch of time, hour by hour: hours that are over from what was kept of them, the others from the rows.

Hours are those of the clock on the wall in TIME_ZONE, counted from midnight: a day on which the clocks change has 23 or
25 of them. Both ways to read give the same whole numbers, so that nobody can tell them apart.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet, Sum

from sessions_app import minutes
from sessions_app.counting import Part, add, count
from sessions_app.hourly_models import HourTally, StaffHour
from sessions_app.minutes import Span
from sessions_app.tallying import NAMES, Tally, total
from sessions_app.workload import WORK, Work, Works, no_works

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Stretched:
    """A stretch of time: its hours, one after the other, and what each member of staff did in all of it.

    Of the first and the last hour, what of them lies within the time that was asked for.
    """

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
    ] or [(since, end, None)]
    whole = [(Part(first, last, Tally(*row[2:])), row[0]) for first, last, row in spans if row]
    loose = [(first, last) for first, last, row in spans if not row]
    by_minute, minutes_works = minutes.within(loose, now)
    found = [*(part for part, _pk in whole), *by_minute]
    for edges in minutes.runs(_gaps(loose, by_minute)):
        found += count(edges, now, running=until is None and edges[-1] == end)
    works = add(_kept_works([pk for _part, pk in whole]), minutes_works, *(part.works for part in found))
    return Stretched(_by_hour([(first, last) for first, last, _row in spans], found), works)


def _gaps(spans: list[Span], parts: list[Part]) -> Iterator[Span]:
    """What of `spans` the parts within them, in their order, do not cover. A span of no length is one."""
    for first, last in spans:
        at = first
        for part in parts[bisect_left(parts, first, key=_since) : bisect_left(parts, last, key=_since)]:
            if at < part.since:
                yield at, part.since
            at = part.until
        if at < last or first == last:
            yield at, last


def _since(part: Part) -> datetime:
    return part.since


def _by_hour(spans: list[Span], found: list[Part]) -> list[Part]:
    own: list[list[Tally]] = [[] for _ in spans]
    starts = [first for first, _last in spans]
    for part in found:
        own[bisect_right(starts, part.since) - 1].append(part.tally)
    return [Part(*span, total(tallies)) for span, tallies in zip(spans, own, strict=True)]


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
