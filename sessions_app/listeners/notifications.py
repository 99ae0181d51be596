"""Tells staff by mail that somebody waits: one job for a crowd, not one for each customer."""

from limits import RateLimitItemPerMinute

from monitoring import enqueue
from sessions_app.limits import limiter
from sessions_app.signals import Change

ONE = RateLimitItemPerMinute(1)


def tell_staff(change: Change, **_: object) -> None:
    if not change.before and not change.synthetic and not limiter.hit(ONE, "staff told"):
        enqueue("sessions_app.jobs.notify_staff")
