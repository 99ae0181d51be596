"""Minutes that are over, for where a stretch of time begins or ends within an hour, and for hours that still run on.

What may still change of a minute when it is counted is left out by name, and added as it is whenever it is read: so a
long call keeps nothing from being counted but itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from sessions_app.counting import Left, Part, catch_up
from sessions_app.hourly_models import MinuteTally
from sessions_app.tallying import Tally, as_row
from sessions_app.workload import Work, Works, no_works

MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


def matching() -> QuerySet[MinuteTally]:
    """What was kept as it would be counted today."""
    return MinuteTally.objects.filter(target_s=settings.DESK_SERVICE_TARGET_S, short_s=settings.DESK_SHORT_ABANDON_S)


def within(spans: Iterable[Span], now: datetime) -> tuple[list[Part], Works]:
    """The minutes kept that lie within `spans`, in their order, and what each member of staff did in all of them.

    The parts have only the works that were added to what was kept.
    """
    lies = [Q(since__gte=edges[0], since__lte=edges[-1] - MINUTE) for edges in runs(spans)]
    if not lies:
        return [], no_works()
    rows = list(matching().filter(reduce(or_, lies)).order_by("since"))
    return catch_up([_part(row) for row in rows], now), _works(rows)


def runs(spans: Iterable[Span]) -> list[list[datetime]]:
    """Spans that follow each other as one, each such run by its edges."""
    found: list[list[datetime]] = []
    for since, until in spans:
        if found and found[-1][-1] == since:
            found[-1].append(until)
        else:
            found.append([since, until])
    return found


def as_model(part: Part) -> MinuteTally:
    return MinuteTally(
        since=part.since,
        target_s=settings.DESK_SERVICE_TARGET_S,
        short_s=settings.DESK_SHORT_ABANDON_S,
        tally=_filled(as_row(part.tally)),
        work={staff_id: _filled(asdict(work)) for staff_id, work in part.works.items()},
        left_sessions=[str(pk) for pk in part.left.sessions],
        left_staff=part.left.staff,
    )


def _part(row: MinuteTally) -> Part:
    left = Left([UUID(pk) for pk in row.left_sessions], row.left_staff)
    return Part(row.since, row.since + MINUTE, Tally(**row.tally), left=left)


def _works(rows: Iterable[MinuteTally]) -> Works:
    """An hour of 400 members of staff is 24,000 of them: added up before anything is made of it."""
    sums = defaultdict[str, Counter[str]](Counter)
    for row in rows:
        for staff_id, spent in row.work.items():
            own = sums[staff_id]
            for name, number in spent.items():
                own[name] += number
    works = no_works()
    works.update({int(staff_id): Work(**spent) for staff_id, spent in sums.items()})
    return works


def _filled(numbers: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number}
