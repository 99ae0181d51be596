"""How durations are spread over ranges and over time: nothing is lost, and one outlier does not hide the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.panel.heat import MOST_ROWS, Frame, heat_map
from monitoring.panel.histograms import MOST_BARS, bars, place_of, ranges
from monitoring.store.histogram import Histogram

DURATIONS = st.lists(st.floats(0, 1e9), min_size=1, max_size=60)


def histogram(durations):
    found = Histogram()
    for ms in durations:
        found.add(ms)
    return found


@given(DURATIONS, DURATIONS)
def test_every_duration_of_either_window_is_in_one_range(now, before):
    found = ranges(histogram(now), histogram(before))
    assert sum(one.count for one in found) == len(now)
    assert sum(one.share for one in found) == pytest.approx(1)
    assert sum(one.before for one in found) == pytest.approx(1)
    assert found[0].least <= min(*now, *before)
    assert found[-1].most >= max(*now, *before) * 0.989
    assert all(one.least < one.most for one in found)
    assert bars(found, 100.0).now + bars(found, 100.0).over


@given(st.dictionaries(st.integers(0, 59), DURATIONS, min_size=1))
def test_every_duration_is_in_one_cell_of_the_heat_map(minutes):
    steps = {minute * 60: histogram(durations) for minute, durations in minutes.items()}
    found = heat_map(steps, Frame(0, 3600, 60, 100.0, []))
    counts = [int(cell.split(":")[2]) for cell in found.counted.split()]
    assert sum(counts) == sum(map(len, minutes.values()))
    assert found.busiest.count == max(counts)
    assert sum(shade.path.count("M") for shade in found.shades) == len(counts)


def test_one_outlier_of_no_time_does_not_press_the_others_into_a_few_ranges():
    usual = [100.0 + number for number in range(200)]
    found = ranges(histogram([0.0, *usual]), Histogram())
    assert found[0].least == 0.0
    assert sum(bool(one.count) for one in found) > 5
    steps = {0: histogram([0.0, *usual])}
    assert len(heat_map(steps, Frame(0, 60, 60, 100.0, [])).bounds) > MOST_ROWS // 2


def test_there_are_never_many_more_ranges_than_can_be_drawn():
    found = ranges(histogram([10.0**power for power in range(-3, 10)]), Histogram())
    assert len(found) <= MOST_BARS


def test_a_threshold_stands_between_the_ranges_by_its_logarithm():
    bounds = [0.0, 10.0, 100.0, 1000.0]
    assert place_of(5.0, bounds) == pytest.approx(1 / 6)
    assert place_of(100.0, bounds) == pytest.approx(2 / 3)
    assert place_of(10.0**1.5, bounds) == pytest.approx(1 / 2)
    assert place_of(2000.0, bounds) is None
