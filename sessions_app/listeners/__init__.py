"""Who hears what the desk announces."""

from sessions_app.listeners import broadcast, instruments, notifications, tracing
from sessions_app.signals import (
    claim_refused,
    claim_unanswered,
    connection_reported,
    duty_changed,
    quality_kept,
    session_changed,
)


def connect() -> None:
    session_changed.connect(broadcast.tell_change, dispatch_uid="broadcast")
    session_changed.connect(instruments.count_change, dispatch_uid="instruments")
    session_changed.connect(notifications.tell_staff, dispatch_uid="notifications")
    session_changed.connect(tracing.tell_stretch, dispatch_uid="tracing")
    duty_changed.connect(broadcast.tell_duty, dispatch_uid="broadcast")
    claim_unanswered.connect(instruments.count_unanswered, dispatch_uid="instruments")
    connection_reported.connect(instruments.count_report, dispatch_uid="instruments")
    connection_reported.connect(tracing.tell_attempt, dispatch_uid="tracing")
    quality_kept.connect(instruments.count_quality, dispatch_uid="instruments")
    claim_refused.connect(instruments.count_refusal, dispatch_uid="instruments")
