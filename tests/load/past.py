"""A month of a desk made at once: who came and waited, what staff did, and its hours and minutes counted.

What the telemetry keeps is bounded by rows, however many come; what reading it costs is in docs/benchmark.md.
"""

import json
import sys
import time
from datetime import timedelta

DAYS, DAY, MINUTE = 30, timedelta(days=1), timedelta(minutes=1)


def main(per_day: str) -> None:
    """Says how many sessions there are, and how long it took."""
    from django.db import connection
    from django.utils.timezone import now

    from sessions_app import hourly_keeping, minute_keeping
    from sessions_app.models import QueueEntry, StaffPeriod, SupportSession
    from tests.long_lists import fill

    began = time.monotonic()
    fill(int(per_day), DAYS, length=DAYS * DAY, models=(SupportSession, QueueEntry, StaffPeriod))
    hourly_keeping.keep(now(), within_s=1)  # a day of many, several of few
    repeat_hours()
    hourly_keeping.keep(now())
    minute_keeping.keep(now() - MINUTE)  # as the job does every minute; the next run is due
    if connection.vendor == "postgresql":  # it plans by what its autovacuum would find out soon
        connection.cursor().execute("VACUUM ANALYZE")
    told = {"sessions": SupportSession.objects.count(), "seconds": round(time.monotonic() - began)}
    json.dump(told, sys.stdout)


def repeat_hours() -> None:
    """Give the other days what the last one came to: all are alike, and to count a month of many takes minutes."""
    from sessions_app.models import HourTally

    kept = {hour.since: hour for hour in HourTally.objects.prefetch_related("work")}
    for hour in sorted(kept.values(), key=lambda hour: hour.since)[-24:]:
        for number in range(1, DAYS - 1):
            if hour.since - number * DAY not in kept:
                copy(hour, hour.since - number * DAY)


def copy(hour, since) -> None:
    work = list(hour.work.all())
    again = type(hour).objects.get(pk=hour.pk)
    again.pk, again.since = None, since
    again.save(force_insert=True)
    for each in work:
        each.pk, each.hour = None, again
    again.work.bulk_create(work)
