"""Durations over time as points: every one is drawn, and those that matter open their traces."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.panel.scatter import OPENING, scatter
from monitoring.panel.traces import Found
from tests.factories import NOON


def found(number, ms=10.0, status="ok", after=None):
    at = NOON - timedelta(seconds=number if after is None else after)
    return Found(number, f"{number:032x}", f"{number:016x}", "work", "web", at, ms, status)


def test_what_is_listed_failed_or_slow_opens_its_trace_and_the_rest_is_drawn():
    rows = [found(number) for number in range(300)]
    rows[200], rows[250] = found(200, status="error"), found(250, ms=5_000.0)
    drawn = scatter(rows, 50)
    opening = {point.of.pk for point in drawn.points}
    assert {*range(50), 200, 250} <= opening
    assert len(opening) == OPENING
    assert drawn.others.count("M") == 300 - OPENING
    assert (drawn.count, drawn.failed, drawn.slowest) == (300, 1, 5_000.0)
    assert [point.of.pk for point in drawn.points if point.failed] == [200]


def test_the_axes_begin_and_end_as_told_and_rise_tenfold():
    drawn = scatter([found(0, 3.0), found(60, 300.0)], 2, NOON.timestamp() - 120, NOON.timestamp())
    assert (drawn.since, drawn.until) == (NOON.timestamp() - 120, NOON.timestamp())
    assert (drawn.least, drawn.most, len(drawn.numbers)) == (1.0, 1000.0, 4)
    assert [point.x for point in drawn.points] == ["50.0%", "100.0%"]


def test_nothing_found_is_nothing_drawn():
    assert scatter([], 0) is None


@given(
    st.lists(
        st.tuples(st.floats(0, 1e12), st.floats(0, 1e6), st.sampled_from(["ok", "error", "interrupted"])), min_size=1
    ),
    st.integers(0, 50),
)
def test_every_point_is_within_the_field(rows, listed):
    drawn = scatter([found(number, ms, status, after) for number, (ms, after, status) in enumerate(rows)], listed)
    assert len(drawn.points) + drawn.others.count("M") == len(rows)
    for point in drawn.points:
        assert 0 <= float(point.x.rstrip("%")) <= 100
        assert 0 <= float(point.y.rstrip("%")) <= 100
    assert drawn.least < drawn.most
    assert drawn.since < drawn.until


@pytest.mark.parametrize("number", [1, 2])
def test_what_happened_at_one_moment_has_an_axis_of_time_all_the_same(number):
    drawn = scatter([found(one, after=0) for one in range(number)], number)
    assert drawn.until - drawn.since == 1.0
    assert {point.x for point in drawn.points} == {"50.0%"}
