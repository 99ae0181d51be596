"""Keeps what hours came to as soon as nothing can change it any more: the only writer of HourTally and StaffHour."""

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from math import inf

from django.conf import settings
from django.db import transaction

from monitoring import traced
from sessions_app.counting import Part, count
from sessions_app.hourly import DAY, hours, matching
from sessions_app.hourly_models import HourTally, StaffHour
from sessions_app.tallying import as_row

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
        edges = [*(began for began, _ends in run), run[-1][1]]
        settled = [part for part in count(edges, now, settled=True) if not part.left]
        _write(settled)
        done += len(settled)
    return done, len(missing)


def _missing(now: datetime) -> list[Hour]:
    """The hours that are over and not kept, or not as they would be counted today."""
    kept = set(matching().values_list("since", flat=True))
    return [(began, ends) for began, ends in hours(now - KEPT, now) if began not in kept and ends <= now - SETTLED]


@transaction.atomic
def _write(parts: list[Part]) -> None:
    HourTally.objects.filter(since__in=[part.since for part in parts]).delete()
    how = {
        "zone": settings.TIME_ZONE,
        "target_s": settings.DESK_SERVICE_TARGET_S,
        "short_s": settings.DESK_SHORT_ABANDON_S,
    }
    rows = HourTally.objects.bulk_create(HourTally(since=part.since, **how, **as_row(part.tally)) for part in parts)
    StaffHour.objects.bulk_create(
        StaffHour(hour=row, staff_id=staff_id, **asdict(work))
        for row, part in zip(rows, parts, strict=True)
        for staff_id, work in part.works.items()
    )
