"""Tells the rest of the trace that a join began: each stretch of the session, and what the pages saw of the call."""

from datetime import timedelta

from opentelemetry.trace import SpanKind

from monitoring import past_span
from sessions_app.attempts import Claim
from sessions_app.models import Result
from sessions_app.signals import Change, Report

MILLISECOND = timedelta(milliseconds=1)


def tell_stretch(change: Change, **_: object) -> None:
    """`session.waiting`, `session.connecting`, `session.active`: from when the state began to when it was left."""
    if change.since is not None:
        left = {"session.id": str(change.session_id), "session.next_state": change.after}
        past_span(f"session.{change.before}", change.since, change.at, change.traceparent, left)


def tell_attempt(report: Report, **_: object) -> None:
    """One attempt to connect as one page saw it, by that page's clock, set to ours by when its report came."""
    claim = report.claim
    if report.reason or claim.age_ms is None:
        return
    began = report.at - claim.age_ms * MILLISECOND
    told: dict[str, str | float] = {
        "call.role": report.role,
        "call.attempt": claim.attempt,
        **claim.words,
        **claim.times,
    }
    failure = claim.words.get("failure", "") if claim.words["result"] == Result.FAILED else ""
    name = f"call.attempt {report.role}"
    whole = past_span(name, began, report.at, report.traceparent, told, error=failure, kind=SpanKind.CLIENT)
    for name, since_ms, until_ms in parts(claim):
        past_span(name, began + since_ms * MILLISECOND, began + until_ms * MILLISECOND, whole)


def parts(claim: Claim) -> list[tuple[str, float, float]]:
    """The parts whose place is known, with beginning and end in ms since the attempt began."""
    times, found = claim.times, []
    setup, first_frame = times.get("connection_time_ms"), times.get("first_frame_ms")
    if (signalling := times.get("signalling_ms")) is not None:
        found.append(("call.signalling", 0.0, signalling))
    if setup is not None and (dtls := times.get("dtls_ms")) is not None:
        if (ice := times.get("ice_ms")) is not None:
            found.append(("call.ice", setup - dtls - ice, setup - dtls))
        found.append(("call.dtls", setup - dtls, setup))
    if setup is not None and first_frame is not None:
        found.append(("call.first_frame", setup, first_frame))
    return found
