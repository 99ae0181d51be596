"""Keeps what minutes came to, where a stretch of time may begin or end: the only writer of MinuteTally."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import inf

from monitoring import traced
from sessions_app import hourly
from sessions_app.board_windows import earlier
from sessions_app.counting import count
from sessions_app.hourly import HOUR
from sessions_app.hourly_models import MinuteTally
from sessions_app.minutes import MINUTE, as_model, matching

SETTLED = timedelta(seconds=30)  # after its end, before which nothing is believed of a minute
AT_ONCE = 60  # minutes that are counted in one reading
AROUND = 2 * HOUR  # each edge, all minutes are kept: of the whole hour that it lies in, on days of 23 or 25 hours too
UNFINISHED = 25 * HOUR  # of which those of hours that are not kept are
# Today, 24 hours, 7 and 30 days end now or began at this time of day, and so did what they are held against.
EDGES = (1, 2, 7, 8, 30)  # days ago


@traced("desk.keep_minutes")
def keep(now: datetime, within_s: float = inf) -> tuple[int, int]:
    """Count the minutes that are over, the newest first. Returns how many, and how many are left for the next run.

    Begins no further reading after `within_s` seconds.
    """
    enough, done = time.monotonic() + within_s, 0
    wanted = set(_wanted(now))
    MinuteTally.objects.exclude(since__in=wanted).delete()
    settled = matching().filter(left_sessions=[], left_staff=[])
    missing = sorted(wanted.difference(settled.values_list("since", flat=True)))
    while missing and time.monotonic() < enough:
        edges = [missing[-1] + MINUTE, missing.pop()]
        while missing and len(edges) <= AT_ONCE and missing[-1] + MINUTE == edges[-1]:
            edges.append(missing.pop())
        _write([as_model(part) for part in count(edges[::-1], now, settled=True)])
        done += len(edges) - 1
    return done, len(missing)


def _wanted(now: datetime) -> Iterator[datetime]:
    over = now - SETTLED
    kept = set(hourly.matching().filter(since__gte=now - UNFINISHED - HOUR).values_list("since", flat=True))
    spans = [hour for hour in hourly.hours(now - UNFINISHED, over) if hour[0] not in kept]
    spans += [(earlier(now, days) - AROUND, earlier(now, days) + AROUND) for days in EDGES]
    for since, until in [*spans, (now - AROUND, over)]:
        at = since.replace(second=0, microsecond=0)
        while at + MINUTE <= min(until, over):
            yield at
            at += MINUTE


def _write(rows: list[MinuteTally]) -> None:
    """Anew where they were there: two runs at once write the same."""
    names = [field.name for field in MinuteTally._meta.concrete_fields if not (field.primary_key or field.unique)]  # noqa: SLF001
    MinuteTally.objects.bulk_create(rows, update_conflicts=True, unique_fields=["since"], update_fields=names)
