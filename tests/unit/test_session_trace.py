"""One trace tells a session from the join to its end, with what both pages saw of the call."""

from datetime import timedelta

import pytest

from monitoring.models import Span
from monitoring.panel.waterfall import waterfall
from sessions_app import lifecycle, reports, sweeping
from sessions_app.models import Outcome, SupportSession
from tests.factories import NOON, SECOND, make_customer, make_staff

pytestmark = pytest.mark.django_db
SAID = {
    "attempt": "c-s",
    "signalling_ms": 20,
    "ice_ms": 30,
    "dtls_ms": 10,
    "connection_time_ms": 80,
    "first_frame_ms": 200,
    "age_ms": 210,
}


@pytest.fixture
def ana():
    return make_staff()


@pytest.fixture
def do(telemetry, django_capture_on_commit_callbacks):
    """Calls a function; when it returns, what it announced has been heard and written."""

    def act(function, *arguments):
        with django_capture_on_commit_callbacks(execute=True):
            result = function(*arguments)
        telemetry.flush()
        return result

    return act


def bars(session):
    """The trace of the session, by the names of its spans."""
    return {bar.name: bar for bar in waterfall(SupportSession.objects.get(pk=session.pk).trace_id).bars}


def test_each_stretch_is_a_span_of_the_joins_trace(do, ana):
    session = do(make_customer)
    do(lifecycle.claim, session.pk, ana, NOON + 20 * SECOND)
    do(lifecycle.connected, session.pk, NOON + 23 * SECOND)
    do(lifecycle.end, session.pk, ana, Outcome.RESOLVED, "", NOON + 83 * SECOND)
    told = bars(session)
    lasted = {name: bar.duration_ms for name, bar in told.items() if name.startswith("session.")}
    assert lasted == {"session.waiting": 20_000, "session.connecting": 3_000, "session.active": 60_000}
    active = Span.objects.get(name="session.active")
    assert active.attributes == {"session.id": str(session.pk), "session.next_state": "ended"}
    assert {bar.parent_id for name, bar in told.items() if name in lasted} == {told["desk.join"].span_id}


def test_handing_back_begins_a_second_wait(do, ana):
    session = do(make_customer)
    do(lifecycle.claim, session.pk, ana, NOON + 20 * SECOND)
    do(lifecycle.connected, session.pk, NOON + 23 * SECOND)
    do(lifecycle.requeue, session.pk, ana, NOON + 25 * SECOND)
    do(lifecycle.leave, session.pk, NOON + 35 * SECOND)
    spans = Span.objects.filter(name__startswith="session.").order_by("started_at")
    assert [(span.name, span.duration_ms) for span in spans] == [
        ("session.waiting", 20_000),
        ("session.connecting", 3_000),
        ("session.active", 2_000),
        ("session.waiting", 10_000),
    ]


def test_who_was_gone_waited_until_they_were_last_seen(do):
    session = do(make_customer)
    do(sweeping.heartbeat, [session.pk], NOON + 8 * SECOND)
    do(sweeping.abandon_gone, NOON + 5 * timedelta(minutes=1))
    assert bars(session)["session.waiting"].duration_ms == 8_000


def test_both_pages_tell_the_parts_of_the_call(do, ana):
    session = do(make_customer)
    do(lifecycle.claim, session.pk, ana, NOON)
    at = NOON + SECOND
    for role in ("customer", "staff"):
        assert do(reports.report, session.pk, role, SAID, at) == ""
    told = [bar for bar in waterfall(SupportSession.objects.get(pk=session.pk).trace_id).bars if "call." in bar.name]
    parts = ["call.signalling", "call.ice", "call.dtls", "call.first_frame"]
    assert [bar.name for bar in told] == ["call.attempt customer", *parts, "call.attempt staff", *parts]
    began = at - timedelta(milliseconds=210)
    since = {bar.name: round((bar.at - began) / timedelta(milliseconds=1)) for bar in told}
    attempts = {"call.attempt customer": 0, "call.attempt staff": 0}
    assert since == attempts | {"call.signalling": 0, "call.ice": 40, "call.dtls": 70, "call.first_frame": 80}
    lasted = {bar.name: bar.duration_ms for bar in told}
    assert lasted["call.first_frame"] == 120
    assert lasted["call.attempt staff"] == 210


def test_an_attempt_that_failed_says_why(do, ana):
    session = do(make_customer)
    do(lifecycle.claim, session.pk, ana, NOON)
    failed = {"attempt": "c-s", "result": "failed", "failure": "ice", "age_ms": 30_000}
    do(reports.report, session.pk, "staff", failed, NOON + 31 * SECOND)
    attempt = bars(session)["call.attempt staff"]
    assert (attempt.status, attempt.message, attempt.duration_ms) == ("error", "ice", 30_000)


@pytest.mark.parametrize(
    "untrue", [{"connection_time_ms": 5_000}, {"age_ms": None}, {"age_ms": 100}, {"age_ms": 1e9}, {"age_ms": "long"}]
)
def test_what_cannot_be_true_is_no_part_of_the_trace(do, ana, untrue):
    session = do(make_customer)
    do(lifecycle.claim, session.pk, ana, NOON)
    do(reports.report, session.pk, "staff", SAID | untrue, NOON + SECOND)
    assert "call.attempt staff" not in bars(session)
