"""What pages may say of how good their call is, what of it is kept, and what counts as poor."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sessions_app import lifecycle, quality, sweeping
from sessions_app.listeners import instruments
from sessions_app.models import QualitySample, Role
from sessions_app.tokens import Bearer
from tests.factories import NOON, SECOND, make_call, make_customer, make_staff

GOOD = {
    "attempt": "1a2b3c4d-5e6f7a8b",
    "span_s": 10,
    "round_trip_ms": 0,
    "jitter_ms": 3.5,
    "loss_ratio": 0.25,
    "freezes": 2,
    "received_kbps": 812.4,
    "sent_kbps": 790,
}
MINUTE = 60 * SECOND
ANYTHING = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text(max_size=70)
    | some.sampled_from([10**400, 0, 1, 60, 61, -0.0, 0.03]),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@pytest.fixture
def told(monkeypatch):
    """What the panel is told: names with amounts and labels."""
    said = []
    monkeypatch.setattr(instruments, "count", lambda name, **labels: said.append((name, labels)))
    monkeypatch.setattr(instruments.profiler, "record", lambda name, ms, **labels: said.append((name, ms, labels)))
    return said


@pytest.fixture
def ana():
    return make_staff()


@pytest.fixture
def cy(ana):
    """A call that has been connected since noon."""
    return make_call(ana)


def by_customer(session):
    return Bearer(session.pk, Role.CUSTOMER)


def every_ten_seconds(bearer, times, **other):
    return [quality.keep(bearer, GOOD | other, NOON + n * 10 * SECOND) for n in range(1, times + 1)]


@given(some.dictionaries(some.sampled_from([*GOOD, "ago_ms", "kind"]), ANYTHING))
def test_whatever_is_said_what_is_taken_is_in_range(said):
    claim = quality.read(said)
    if claim.reason:
        assert claim == quality.Claim(reason=claim.reason)
        return
    assert 1 <= claim.span_s <= 60
    assert claim.values
    for name, value in claim.values.items():
        least, most = quality.RANGES[name]
        assert math.isfinite(value)
        assert least <= value <= most
        assert value == said[name]


@given(some.fixed_dictionaries({name: some.floats(*map(float, ends)) for name, ends in quality.RANGES.items()}))
def test_whatever_is_in_range_is_taken(values):
    values["freezes"] = round(values["freezes"])
    assert quality.read({"span_s": 10} | values) == quality.Claim("", 10, timedelta(), values)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"round_trip_ms": "12"}, "not_a_number"),
        ({"jitter_ms": float("nan")}, "not_a_number"),
        ({"loss_ratio": float("inf")}, "not_a_number"),
        ({"sent_kbps": True}, "not_a_number"),
        ({"span_s": None}, "not_a_number"),
        ({"round_trip_ms": 60_001}, "out_of_range"),
        ({"jitter_ms": -1}, "out_of_range"),
        ({"loss_ratio": 1.01}, "out_of_range"),
        ({"freezes": 10_001}, "out_of_range"),
        ({"received_kbps": 1_000_001}, "out_of_range"),
        ({"span_s": 0.9}, "out_of_range"),
        ({"span_s": 61}, "out_of_range"),
        ({"ago_ms": "1"}, "not_a_number"),
        ({"ago_ms": -1}, "out_of_range"),
        ({"ago_ms": 15 * 60_000 + 1}, "out_of_range"),
        ({"freezes": 1.5}, "malformed"),
        ({"attempt": 7}, "malformed"),
        ({"attempt": "192.0.2.7"}, "malformed"),
        (dict.fromkeys(quality.RANGES), "malformed"),
    ],
)
def test_what_cannot_be_true_is_named(part, reason):
    assert quality.read(GOOD | part) == quality.Claim(reason=reason)


@pytest.mark.django_db
def test_a_sample_is_kept_as_it_was_told(cy):
    assert quality.keep(by_customer(cy), GOOD, NOON + 10 * SECOND) == ""
    stored = QualitySample.objects.get()
    assert {name: getattr(stored, name) for name in GOOD} == GOOD
    assert (stored.session_id, stored.role, stored.at) == (cy.pk, "customer", NOON + 10 * SECOND)


@pytest.mark.django_db
def test_what_cannot_be_known_stays_unknown(cy):
    quality.keep(by_customer(cy), {"span_s": 10, "sent_kbps": 0}, NOON + 10 * SECOND)
    stored = QualitySample.objects.get()
    assert (stored.round_trip_ms, stored.loss_ratio, stored.freezes, stored.sent_kbps) == (None, None, None, 0)


@pytest.mark.django_db
def test_only_the_two_who_are_in_the_call_are_heard(ana, cy):
    later = NOON + MINUTE
    assert quality.keep(Bearer(cy.pk, Role.STAFF, ana.pk), GOOD, later) == ""
    assert quality.keep(Bearer(cy.pk, Role.STAFF, make_staff("bo").pk), GOOD, later) == "before_claim"
    assert quality.keep(by_customer(make_customer("Di", later)), GOOD, later) == "before_claim"
    lifecycle.requeue(cy.pk, ana, later)
    assert quality.keep(by_customer(cy), GOOD, later) == "before_claim"
    assert [sample.role for sample in QualitySample.objects.all()] == ["staff"]


@pytest.mark.django_db
def test_what_was_kept_while_the_line_was_down_belongs_to_when_it_was(cy):
    now = NOON + 10 * MINUTE
    said = [quality.keep(by_customer(cy), GOOD | {"ago_ms": n * 10_000}, now) for n in reversed(range(40))]
    assert said == [""] * 40
    assert [sample.at for sample in QualitySample.objects.order_by("pk")] == [
        now - n * 10 * SECOND for n in reversed(range(40))
    ]
    early = GOOD | {"ago_ms": 596_000}  # it would have begun before the claim, by more than clocks differ
    assert quality.keep(by_customer(cy), early, now) == "over_server_clock"


@pytest.mark.django_db
def test_a_few_may_come_at_once_but_not_a_flood(cy):
    said = [quality.keep(by_customer(cy), GOOD | {"span_s": 1}, NOON + MINUTE) for _ in range(12)]
    assert said == [""] * 10 + ["too_soon"] * 2
    assert quality.keep(by_customer(cy), GOOD, NOON + MINUTE + quality.WINDOW) == ""


@pytest.mark.django_db
def test_spans_do_not_add_up_to_more_than_the_claim_is_old(ana, cy):
    bearer = by_customer(cy)
    assert every_ten_seconds(bearer, 3) == ["", "", ""]
    assert quality.keep(bearer, GOOD | {"span_s": 60}, NOON + 40 * SECOND) == "over_server_clock"
    assert quality.keep(bearer, GOOD, NOON + 40 * SECOND) == ""
    lifecycle.requeue(cy.pk, ana, NOON + 50 * SECOND)
    sweeping.heartbeat([cy.pk], NOON + 60 * SECOND)
    lifecycle.claim(cy.pk, ana, NOON + 60 * SECOND)  # and what was told before counts no more
    assert quality.keep(bearer, GOOD | {"span_s": 20}, NOON + 70 * SECOND) == "over_server_clock"
    assert quality.keep(bearer, GOOD, NOON + 70 * SECOND) == ""


@pytest.mark.django_db
def test_who_tells_without_end_is_no_longer_written_down(ana, cy, monkeypatch):
    monkeypatch.setattr(quality, "MOST_SAMPLES", 2)
    assert every_ten_seconds(by_customer(cy), 3) == ["", "", "too_many"]
    assert every_ten_seconds(Bearer(cy.pk, Role.STAFF, ana.pk), 1) == [""]


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({}, ()),
        ({"loss_ratio": 0.03, "round_trip_ms": 300, "jitter_ms": 50}, ()),
        ({"loss_ratio": 0.031}, ("loss",)),
        ({"round_trip_ms": 301, "jitter_ms": 51}, ("delay", "jitter")),
    ],
)
def test_what_is_beyond_its_limit_is_poor(values, faults):
    assert quality.faults(QualitySample(**values)) == faults


@pytest.mark.django_db
def test_each_sample_and_each_refusal_is_counted(told, django_capture_on_commit_callbacks):
    cy = make_call(make_staff())
    with django_capture_on_commit_callbacks(execute=True):
        quality.keep(by_customer(cy), GOOD | {"round_trip_ms": 412}, NOON + 10 * SECOND)
        quality.keep(by_customer(cy), GOOD | {"round_trip_ms": None, "loss_ratio": 0}, NOON + 20 * SECOND)
        quality.keep(by_customer(cy), GOOD | {"loss_ratio": 2}, NOON + 30 * SECOND)
    assert told == [
        ("webrtc_quality_samples_total", {"role": "customer", "fault": "loss"}),
        ("webrtc_round_trip_time", 412, {"role": "customer"}),
        ("webrtc_quality_samples_total", {"role": "customer", "fault": "none"}),
        ("webrtc_claims_refused_total", {"kind": "quality", "reason": "out_of_range"}),
    ]
