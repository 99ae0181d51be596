"""What was wrong with a call, from rows that need no database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sessions_app.ageing import merged, thinned
from sessions_app.issues import WORDS, issues
from sessions_app.models import CallEvent, ConnectionReport, Failure, QualitySample, QueueEntry
from tests.factories import NOON, SECOND

KINDS = CallEvent.Kind
MOMENTS = some.integers(0, 500).map(lambda s: NOON + s * SECOND)


def report(**values):
    values = {"role": "customer", "result": "connected", "accepted": True, "at": NOON, "attempt": "1-1"} | values
    return ConnectionReport(**values)


def samples(*spans, role="customer", **values):
    """Samples one after the other from noon on; each has `values`."""
    at, found = NOON, []
    for span_s in spans:
        at += span_s * SECOND
        found.append(QualitySample(role=role, at=at, span_s=span_s, attempt="1-1", **values))
    return found


def found(*, reports=(), samples=(), events=(), entries=()):
    return [(issue.kind, issue.role, issue.times) for issue in issues(reports, samples, events, entries)]


def test_a_good_call_has_none():
    good = samples(*[10] * 6, round_trip_ms=300, jitter_ms=50, loss_ratio=0.03, freezes=0)
    assert found(reports=[report(), report(role="staff")], samples=good) == []


@pytest.mark.parametrize("failure", Failure.values)
def test_a_failed_attempt_is_told_by_its_class(failure):
    failed = [report(result="failed", failure=failure, attempt=str(n)) for n in range(2)]
    assert found(reports=failed) == [(failure, "customer", 2)]


def test_what_the_server_did_not_believe_is_left_out():
    assert found(reports=[report(result="failed", failure="ice", accepted=False)]) == []


def test_a_relay_is_told_once_of_whoever_used_it():
    one_way = [
        report(local_candidate="relay", remote_candidate="host", protocol="tls"),
        report(role="staff", local_candidate="host", remote_candidate="relay", protocol="udp"),
    ]
    assert found(reports=one_way) == [("tls", "customer", 1), ("relay", "customer", 1)]
    assert found(reports=one_way[1:]) == [("relay", "customer", 1)]  # also if only the other page tells of it


def test_a_second_connection_is_one_made_again():
    again = [report(attempt="1-2", at=NOON + SECOND), report(), report(role="staff")]
    (issue,) = issues(again, [], [], [])
    assert (issue.kind, issue.role, issue.since) == ("reconnected", "customer", NOON + SECOND)


@pytest.mark.parametrize(
    ("values", "kind"),
    [({"loss_ratio": 0.031}, "loss"), ({"round_trip_ms": 301}, "delay"), ({"jitter_ms": 51}, "jitter")],
)
def test_a_call_is_poor_when_it_is_so_for_half_a_minute_without_a_break(values, kind):
    assert found(samples=samples(10, 10, 9, **values)) == []
    assert found(samples=samples(10, 10, 10, **values)) == [(kind, "customer", 1)]
    assert found(samples=samples(60, **values)) == [(kind, "customer", 1)]
    broken = samples(10, 10, 10, 10, **values)
    for name in values:
        setattr(broken[2], name, 0)
    assert found(samples=broken) == []
    both = samples(10, 10, **values) + samples(10, 10, role="staff", **values)
    assert found(samples=both) == []  # together they were not longer


def test_a_picture_that_stands_still_is_told_when_it_does_so_often():
    assert found(samples=samples(10, 10, freezes=1)) == []
    assert found(samples=samples(10, 10, freezes=2)) == [("freezes", "customer", 4)]


def test_what_pages_told_and_a_claim_that_nobody_answered():
    events = [
        *(CallEvent(role="customer", kind=kind, at=NOON + SECOND) for kind in KINDS),
        CallEvent(role="customer", kind=KINDS.INTERRUPTED, at=NOON),
    ]
    entries = [QueueEntry(joined_at=NOON), QueueEntry(joined_at=NOON + SECOND, unanswered_by_id=7)]
    told = issues([], [], events, entries)
    assert [(issue.kind, issue.times) for issue in told] == [
        *((kind, 1) for kind in ("media_denied", "media_missing", "media_busy", "media_insecure", "unanswered")),
        ("interrupted", 2),
        ("restarted", 1),
    ]
    assert {issue.kind: issue.since for issue in told}["interrupted"] == NOON


def test_each_kind_says_what_to_do():
    for what, advice in WORDS.values():
        assert what
        assert str(advice).endswith(".")


@given(
    some.lists(
        some.builds(
            lambda gap, span_s, loss, round_trip: (gap, span_s, loss, round_trip),
            some.integers(1, 30),
            some.integers(1, 20),
            some.sampled_from([0.0, 0.03, 0.030000000000000002, 0.5]),
            some.sampled_from([None, 0.0, 300.0, 300.1, 1000.0]),
        ),
        max_size=30,
    )
)
def test_ageing_changes_no_issue(told):
    at, fresh = NOON, []
    for gap, span_s, loss, round_trip in told:
        at += timedelta(seconds=gap)
        fresh.append(
            QualitySample(role="staff", at=at, span_s=span_s, attempt="1", loss_ratio=loss, round_trip_ms=round_trip)
        )
    assert found(samples=[merged(run) for run in thinned(fresh)]) == found(samples=fresh)
