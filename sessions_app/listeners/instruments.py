"""Turns what happened into measures and counts."""

from monitoring import count, profiler
from sessions_app import instruments as names
from sessions_app.models import QualitySample, State
from sessions_app.quality import faults
from sessions_app.signals import Change, Report


def count_change(change: Change, **_: object) -> None:
    if change.synthetic:
        return
    if not change.before:
        count(names.MESSAGES.name if change.after == State.CALLBACK else names.JOINED.name)
    if change.after == State.ABANDONED and change.before != State.CALLBACK:
        count(names.ABANDONED.name)
    if change.after == State.CONNECTING and change.wait_ms is not None:
        profiler.record(names.QUEUE_WAIT.name, change.wait_ms)


def count_unanswered(**_: object) -> None:
    count(names.UNANSWERED.name)


def count_report(report: Report, **_: object) -> None:
    if report.reason:
        count(names.REPORTS_REFUSED.name, reason=report.reason)
    elif report.claim.connection_time_ms is not None:
        profiler.record(names.CONNECTION_TIME.name, report.claim.connection_time_ms, role=report.role)


def count_quality(sample: QualitySample, **_: object) -> None:
    count(names.QUALITY_SAMPLES.name, role=sample.role, fault=next(iter(faults(sample)), "none"))
    if sample.round_trip_ms is not None:
        profiler.record(names.ROUND_TRIP.name, sample.round_trip_ms, role=sample.role)


def count_refusal(kind: str, reason: str, **_: object) -> None:
    count(names.CLAIMS_REFUSED.name, kind=kind, reason=reason)
