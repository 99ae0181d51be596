"""Samples of a call's quality become fewer as they grow old, and say the same."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sessions_app import ageing, jobs
from sessions_app.models import QualitySample
from sessions_app.quality import faults
from tests.factories import NOON, SECOND, make_call, make_staff

DAY = timedelta(days=1)
MINUTE = 60 * SECOND
# Numbers on both sides of a limit, and such as do not add up well.
NUMBERS = some.none() | some.sampled_from([0.0, 0.03, 0.1 + 0.2, 50.0, 300.0, 300.1]) | some.floats(0, 1000)
SHARES = some.none() | some.sampled_from([0.0, 0.03, 0.030000000000000002]) | some.floats(0, 1)


@some.composite
def calls(draw):
    """One role's samples, a few seconds apart."""
    samples, at = [], NOON
    for _ in range(draw(some.integers(0, 25))):
        at += draw(some.integers(1, 40)) * SECOND
        samples.append(
            QualitySample(
                role="customer",
                attempt=draw(some.sampled_from(["1-1", "1-2"])),
                at=at,
                span_s=draw(some.integers(1, 60)),
                freezes=draw(some.none() | some.integers(0, 9)),
                loss_ratio=draw(SHARES),
                round_trip_ms=draw(NUMBERS),
                jitter_ms=draw(NUMBERS),
                received_kbps=draw(NUMBERS),
            )
        )
    return samples


def thin(samples):
    return [ageing.merged(run) for run in ageing.thinned(samples)]


def told(samples):
    return [
        (sample.attempt, sample.at, sample.span_s, sample.freezes, *(getattr(sample, name) for name in ageing.AVERAGED))
        for sample in samples
    ]


def stretches(samples):
    """What was poor, one after the other, and for how many seconds."""
    found = []
    for sample in samples:
        key = (sample.attempt, faults(sample))
        if found and found[-1][0] == key:
            found[-1][1] += sample.span_s
        else:
            found.append([key, sample.span_s])
    return found


@given(calls())
def test_thinning_twice_is_thinning_once(samples):
    once = thin(samples)
    assert told(thin(once)) == told(once)


@given(calls())
def test_what_was_poor_stays_so_for_as_long(samples):
    assert stretches(thin(samples)) == stretches(samples)


@given(calls())
def test_sums_stay_and_averages_too(samples):
    after = thin(samples)
    for name in ("span_s", "freezes"):
        assert sum(getattr(s, name) or 0 for s in after) == sum(getattr(s, name) or 0 for s in samples)
    for name in ageing.AVERAGED:
        known = [s for s in samples if getattr(s, name) is not None]
        assert {getattr(s, name) is None for s in after} <= {True} or known
        for run, one in zip(ageing.thinned(samples), after, strict=True):
            values = [(getattr(s, name), s.span_s) for s in run if getattr(s, name) is not None]
            if values:
                average = sum(value * span for value, span in values) / sum(span for _value, span in values)
                assert getattr(one, name) == pytest.approx(average)


@given(calls())
def test_a_minute_of_one_kind_is_one(samples):
    minutes = [(s.attempt, s.at.replace(second=0), faults(s)) for s in thin(samples)]
    assert all(one != other for one, other in pairwise(minutes))


def store(session, begin, count, role="customer", **values):
    """`count` samples of ten seconds each from `begin` on."""
    values = {"round_trip_ms": 20, "freezes": 1, "span_s": 10, "attempt": "1-1"} | values
    QualitySample.objects.bulk_create(
        QualitySample(session=session, role=role, at=begin + n * 10 * SECOND, **values) for n in range(count)
    )


@pytest.mark.django_db
def test_after_a_day_a_minute_is_a_row_and_a_second_run_finds_nothing():
    cy = make_call(make_staff())
    store(cy, NOON, 12)
    store(cy, NOON, 12, role="staff", round_trip_ms=None)
    store(cy, NOON + DAY, 6)
    now = NOON + DAY + 2 * MINUTE + 30 * SECOND  # so that what is in the minute of now is not old yet
    assert sum(ageing.age(now)) == 20
    rows = QualitySample.objects.order_by("role", "at")
    assert [(row.role, row.at - NOON, row.span_s, row.freezes, row.round_trip_ms) for row in rows] == [
        *(("customer", timedelta(seconds=s), 60, 6, 20.0) for s in (50, 110)),
        *(("customer", DAY + n * 10 * SECOND, 10, 1, 20.0) for n in range(6)),
        *(("staff", timedelta(seconds=s), 60, 6, None) for s in (50, 110)),
    ]
    kept = list(rows.values_list("pk", flat=True))
    assert sum(ageing.age(now)) == 0
    assert list(rows.values_list("pk", flat=True)) == kept


@pytest.mark.django_db
def test_a_minute_that_is_only_partly_old_waits():
    store(make_call(make_staff()), NOON, 6)
    assert sum(ageing.age(NOON + DAY + 30 * SECOND)) == 0
    assert sum(ageing.age(NOON + DAY + MINUTE)) == 5


@pytest.mark.django_db
def test_what_is_too_old_goes_piece_by_piece(settings, monkeypatch):
    settings.DESK_KEEP_QUALITY = 2
    monkeypatch.setattr(ageing, "ROUND", 4)
    store(make_call(make_staff()), NOON - MINUTE, 12)
    assert list(ageing.age(NOON + 2 * DAY)) == [4, 2, 5]
    assert QualitySample.objects.get().at == NOON + 50 * SECOND


@pytest.mark.django_db
def test_the_job_says_what_it_did_and_stops_in_time(settings, monkeypatch):
    settings.DESK_KEEP_QUALITY, settings.JOB_TIMEOUT = 1, 0
    monkeypatch.setattr(ageing, "ROUND", 4)
    store(make_call(make_staff()), NOON, 6)
    assert jobs.quality_ageing() == "Made 4 samples of the calls' quality fewer; the next run goes on."
    assert jobs.quality_ageing() == "Made 2 samples of the calls' quality fewer; the next run goes on."
    assert jobs.quality_ageing() == "Made 0 samples of the calls' quality fewer."


@pytest.mark.django_db
def test_samples_go_with_their_session():
    cy = make_call(make_staff())
    store(cy, NOON, 3)
    cy.delete()
    assert not QualitySample.objects.exists()
