"""Tells staff by mail that somebody waits: one job for a crowd, not one for each customer."""

from django.core.cache import cache

from monitoring import enqueue
from sessions_app.signals import Change

PAUSE_S = 60


def tell_staff(change: Change, **_: object) -> None:
    if not change.before and not change.synthetic and cache.add("desk:staff-told", value=True, timeout=PAUSE_S):
        enqueue("sessions_app.jobs.notify_staff")
