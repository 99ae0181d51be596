"""A verdict on a change is said when it is sure, and only then."""

import random
from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.panel.comparison import FASTER, NO_TELLING, SLOWER, Before, change, estimate, ranks
from monitoring.store.histogram import Histogram

SHAPES = {
    "lognormal": lambda chance: chance.lognormvariate(3, 0.7),
    "long tail": lambda chance: 10 * chance.paretovariate(1.2),
    "two peaks": lambda chance: chance.gauss(10, 1) if chance.random() < 0.9 else chance.gauss(900, 50),
    "narrow": lambda chance: chance.gauss(100, 0.5),
}
times = st.floats(0.01, 1e6)


def verdict(now, before):
    return change(now, Before.of(before)).verdict


def measured(values):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def drawn(shape, count, chance, factor=1.0):
    return measured(max(0.01, SHAPES[shape](chance)) * factor for _ in range(count))


@pytest.mark.parametrize("count", [*range(50, 200), 333, 500, 997])
def test_the_interval_holds_the_true_value_at_least_95_times_of_100(count):
    """By the binomial distribution of how many of `count` values lie below the true p95."""
    low, high = ranks(count)
    below = [comb(count, k) * 0.95**k * 0.05 ** (count - k) for k in range(count + 1)]
    assert sum(below[low:high]) >= 0.95
    assert 0 < low < 0.95 * count < high


@given(st.lists(times, min_size=50, max_size=300))
def test_the_interval_encloses_the_values_at_its_places(values):
    low, high = ranks(len(values))
    p95, least, most = estimate(measured(values))
    assert p95 == measured(values).quantile(0.95)
    # Never inside the values at these places, and outside by no more than the histogram's error twice.
    assert 0.978 <= least / sorted(values)[low - 1] <= 1 + 1e-9
    assert most == inf if high > len(values) else 1 - 1e-9 <= most / sorted(values)[high - 1] <= 1.022


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("now", "before"), [(50, 50), (80, 80), (300, 300), (100, 3000)])
def test_two_samples_of_the_same_get_no_verdict(shape, now, before):
    chance = random.Random(f"{shape} {now} {before}")
    said = [verdict(drawn(shape, now, chance), drawn(shape, before, chance)) for _ in range(200)]
    assert len(said) - said.count(NO_TELLING) <= 2  # of 200: for both to lie apart, both must miss, or one by far


@pytest.mark.parametrize("shape", SHAPES)
def test_a_clear_change_gets_its_verdict(shape):
    chance = random.Random(shape)
    fast, slow = drawn(shape, 1000, chance), drawn(shape, 1000, chance, factor=3)
    assert verdict(slow, fast) == SLOWER
    assert verdict(fast, slow) == FASTER
    told = change(slow, Before.of(fast))
    assert (told.count, told.p95, told.verdict) == (1000, fast.quantile(0.95), SLOWER)
    assert told.ratio == slow.quantile(0.95) / fast.quantile(0.95)


@pytest.mark.parametrize(("now", "before"), [(49, 1000), (1000, 49), (1, 1), (0, 1000), (1000, 0)])
def test_too_few_measures_get_no_verdict_however_great_the_change(now, before):
    assert verdict(measured([9000.0] * now), measured([1.0] * before)) == NO_TELLING


def test_enough_measures_get_one():
    assert verdict(measured([9000.0] * 50), measured([1.0] * 1000)) == SLOWER
    assert verdict(measured([1.0] * 1000), measured([9000.0] * 50)) == FASTER


def test_a_change_within_the_histograms_error_is_none():
    assert verdict(measured([1001.0] * 1000), measured([999.0] * 1000)) == NO_TELLING
    assert verdict(measured([1030.0] * 1000), measured([999.0] * 1000)) == SLOWER


def test_what_was_not_measured_before_has_no_ratio():
    told = change(measured([5.0] * 100), Before())
    assert (told.count, told.p95, told.ratio, told.verdict) == (0, None, None, NO_TELLING)
    assert change(measured([5.0]), Before.of(measured([0.0]))).ratio is None
