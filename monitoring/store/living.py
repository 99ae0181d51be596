"""Which processes live, as their heartbeats tell."""

from datetime import datetime, timedelta

from monitoring.models import Writer

DEAD_AFTER = timedelta(seconds=20)  # four heartbeats missed


def living(now: datetime) -> list[Writer]:
    return list(Writer.objects.filter(ended=False, seen_at__gt=now - DEAD_AFTER).order_by("role", "started_at"))
