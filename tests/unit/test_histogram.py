import math
import random
from bisect import bisect_left

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


def row(histogram):
    return (histogram.count, histogram.errors, histogram.total, histogram.least, histogram.most, histogram.pack())


@given(durations, st.integers(1, 5), st.randoms())
def test_stored_rows_in_any_split_and_order_add_up_to_the_whole(values, parts, chance):
    rows = [row(filled(values[part::parts])) for part in range(parts) if values[part::parts]]
    chance.shuffle(rows)
    assert same(Histogram.unpacked(rows), filled(values))


def test_a_row_without_cells_does_not_lower_the_least():
    counted = Histogram()
    counted.count = 7
    whole = Histogram.unpacked([row(filled([5.0])), (7, 0, 0.0, 0.0, 0.0, counted.pack())])
    assert (whole.count, whole.least, whole.most) == (8, 5.0, 5.0)


@given(durations, st.sampled_from([1, 2, 4, 8, 16, 32]))
def test_a_coarser_scale_has_the_same_counts_and_the_error_of_its_base(values, cells_in_one):
    bounds = tuple(2 ** (i * cells_in_one / 32) for i in range(-320 // cells_in_one, 864 // cells_in_one + 1))
    counts = filled(values).cumulative(bounds)
    assert counts == [sum(value <= bound for value in values) for bound in bounds]
    base = 2 ** (cells_in_one / 32)
    for q in (0.5, 0.95, 0.99):
        rank = math.ceil(q * len(values))
        high = bounds[bisect_left(counts, rank)]
        estimate = 2 * high / (base + 1)  # as far from the cell's upper end as from its lower one, high / base
        assert estimate == pytest.approx(sorted(values)[rank - 1], rel=(base - 1) / (base + 1) + 1e-9)


@given(durations)
def test_quantiles_in_one_pass_are_those_asked_for_one_by_one(values):
    histogram, shares = filled(values), (0.5, 0.0, 0.99, 1.0)
    assert histogram.quantiles(*shares) == [histogram.quantile(share) for share in shares]
    assert (histogram.quantile(0.0), histogram.quantile(1.0)) == (
        pytest.approx(min(values), rel=0.0109),
        pytest.approx(max(values), rel=0.0109),
    )


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
