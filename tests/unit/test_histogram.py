import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.store.histogram import GRID, PUBLISHED_BOUNDS, Histogram, cell_of

durations = st.lists(st.floats(min_value=0.001, max_value=1e8), min_size=1, max_size=200)


def filled(values):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def same(one, other):
    """Equal but for the last digits of the sum, which floating point adds in another order."""
    figures = [(h.count, h.errors, h.least, h.most, h.cells) for h in (one, other)]
    return figures[0] == figures[1] and math.isclose(one.total, other.total)


@given(durations, st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]))
def test_a_quantile_is_within_its_error_of_the_exact_one(values, q):
    exact = sorted(values)[max(0, math.ceil(q * len(values)) - 1)]
    assert filled(values).quantile(q) == pytest.approx(exact, rel=0.0109)


@given(durations, st.integers(1, 5), st.randoms())
def test_merging_in_any_split_and_order_changes_nothing(values, parts, chance):
    split = [filled(values[part::parts]) for part in range(parts)]
    chance.shuffle(split)
    assert same(Histogram.merged(split), filled(values))


@given(durations)
def test_packing_and_unpacking_keeps_every_cell(values):
    histogram, copy = filled(values), Histogram()
    copy.unpack(histogram.pack())
    assert copy.cells == histogram.cells


@given(durations, st.sampled_from(PUBLISHED_BOUNDS))
def test_counts_at_published_bounds_are_exact(values, bound):
    histogram = filled(values)
    assert histogram.cumulative((bound,)) == [sum(value <= bound for value in values)]
    assert histogram.over(bound) == sum(value > bound for value in values)


def test_published_buckets_rise_and_end_at_the_count():
    chance = random.Random(7)
    histogram = filled([chance.lognormvariate(5, 2) for _ in range(1000)])
    counts = histogram.cumulative(PUBLISHED_BOUNDS)
    assert counts == sorted(counts)
    assert counts[-1] <= histogram.count


def test_the_default_threshold_is_a_bound_of_the_grid():
    histogram = filled([99.9, 100.0, 100.1])
    assert histogram.over(100) == 1


def test_cells_meet_without_gaps_and_hold_what_is_off_the_grid():
    assert cell_of(GRID[10]) == 10
    assert cell_of(0.0) == 0
    assert cell_of(GRID[-1] * 2) == len(GRID)
    assert filled([GRID[-1] * 2]).quantile(0.5) == GRID[-1] * 2


def test_an_empty_histogram_answers_zero():
    assert Histogram().quantile(0.95) == 0
    assert Histogram().mean == 0
