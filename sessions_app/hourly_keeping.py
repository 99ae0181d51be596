"""Keeps what hours came to as soon as nothing can change it any more: the only writer of HourTally and StaffHour."""

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from math import inf

from django.conf import settings
from django.db import transaction

from monitoring import traced
from sessions_app.hourly import DAY, Part, count, hours, matching
from sessions_app.hourly_models import HourTally, StaffHour
from sessions_app.models import OPEN, StaffPeriod, SupportSession
from sessions_app.tallying import as_row
from sessions_app.workload import Works

KEPT = 62 * DAY  # twice the longest window of the board, and a little
SETTLED = timedelta(minutes=5)  # after its end, before which nothing is believed of an hour
AT_ONCE = 24  # hours that are counted in one reading

Hour = tuple[datetime, datetime]


@traced("desk.keep_hours")
def keep(now: datetime, within_s: float = inf) -> tuple[int, int]:
    """Count the hours that are over, the newest first. Returns how many, and how many are left for the next run.

    Begins no further reading after `within_s` seconds.
    """
    enough, done = time.monotonic() + within_s, 0
    HourTally.objects.filter(since__lt=now - KEPT - DAY).delete()
    missing = _missing(now)
    while missing and time.monotonic() < enough:
        run = [missing.pop()]
        while missing and len(run) < AT_ONCE and missing[-1][1] == run[-1][0]:
            run.append(missing.pop())
        run.reverse()
        _write(count([*(began for began, _ends in run), run[-1][1]], now))
        done += len(run)
    return done, len(missing)


def _missing(now: datetime) -> list[Hour]:
    """The hours that are over and not kept, or not as they would be counted today."""
    kept = set(matching().values_list("since", flat=True))
    open_since, unsettled_from = _open(now)
    return [
        (began, ends)
        for began, ends in hours(now - KEPT, now)
        if began not in kept
        and ends <= unsettled_from
        and not any(began <= joined_at < ends for joined_at in open_since)
    ]


def _open(now: datetime) -> tuple[list[datetime], datetime]:
    """When those joined of whom something may still change; and from when on duty may still be written otherwise.

    A call ends when that is noticed, never in the past. A wrap-up ends at its limit, whenever that is noticed; and who
    is available or paused, and has not been seen since, will have gone then.
    """
    joined = list(SupportSession.objects.filter(state__in=OPEN, callback=False).values_list("joined_at", flat=True))
    unsettled = now - SETTLED
    periods = StaffPeriod.objects.filter(ended_at=None).exclude(state=StaffPeriod.State.IN_CALL)
    for state, began_at, seen_at, joined_at in periods.values_list(
        "state", "began_at", "last_seen_at", "session__joined_at"
    ):
        if state == StaffPeriod.State.WRAP_UP:
            unsettled = min(unsettled, began_at)
            joined += [joined_at] if joined_at else []
        else:
            unsettled = min(unsettled, max(began_at, seen_at))
    return joined, unsettled


@transaction.atomic
def _write(counted: list[tuple[Part, Works]]) -> None:
    HourTally.objects.filter(since__in=[part.since for part, _works in counted]).delete()
    how = {
        "zone": settings.TIME_ZONE,
        "target_s": settings.DESK_SERVICE_TARGET_S,
        "short_s": settings.DESK_SHORT_ABANDON_S,
    }
    rows = HourTally.objects.bulk_create(
        HourTally(since=part.since, **how, **as_row(part.tally)) for part, _works in counted
    )
    StaffHour.objects.bulk_create(
        StaffHour(hour=row, staff_id=staff_id, **asdict(work))
        for row, (_part, works) in zip(rows, counted, strict=True)
        for staff_id, work in works.items()
    )
