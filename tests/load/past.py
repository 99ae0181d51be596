"""A month of a desk made at once: who came and waited, what staff did, its hours counted, the telemetry as kept."""

import json
import sys
import time
from datetime import timedelta

DAYS = 30
KEPT_MEASURES, KEPT_SPANS = 2, 7  # days
SPANS_OF_ONE, MEASURES_OF_ONE = 40, 6  # customer, in round figures
MOST_SPANS, MOST_MEASURES = 1_000_000, 1_000_000  # rows; the former is TELEMETRY_MOST_SPANS


def main(per_day: str) -> None:
    """Says how many of each there are, and how long it took."""
    from django.db import connections
    from django.utils.timezone import now

    from monitoring.models import Measure, Span
    from sessions_app import hourly_keeping
    from sessions_app.models import QueueEntry, StaffPeriod, SupportSession
    from tests.long_lists import fill

    customers, began, day = int(per_day), time.monotonic(), timedelta(days=1)
    fill(customers, DAYS, length=DAYS * day, models=(SupportSession, QueueEntry, StaffPeriod))
    spans = min(MOST_SPANS, customers * KEPT_SPANS * SPANS_OF_ONE) // 100
    fill(spans, 100, length=KEPT_SPANS * day, models=(Span,))
    measures = min(MOST_MEASURES, customers * KEPT_MEASURES * MEASURES_OF_ONE) // 100
    fill(measures, 100, length=KEPT_MEASURES * day, models=(Measure,))
    hours, _left = hourly_keeping.keep(now())
    for connection in connections.all():
        if connection.vendor == "postgresql":  # it plans by what its autovacuum would find out soon
            connection.cursor().execute("VACUUM ANALYZE")
    told = {"sessions": SupportSession.objects.count(), "spans": Span.objects.count(), "hours": hours}
    json.dump(told | {"seconds": round(time.monotonic() - began)}, sys.stdout)
