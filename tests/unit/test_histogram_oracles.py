"""The histogram agrees with OpenTelemetry's exponential one and with HdrHistogram on the same data."""

import random

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View

from monitoring.store.histogram import Histogram
from tests.history import SHAPES

QUANTILES = (0.5, 0.95, 0.99)
BASE = 2 ** (1 / 32)
WORST = (BASE - 1) / (BASE + 1)  # 1.083 %
POWERS = range(-320, 865)  # the grid's, of BASE
BOUNDS = tuple(2 ** (power / 32) for power in POWERS)

# A hundred values: every quantile asked for is then exactly one of them. From a microsecond to a day.
hundred = st.lists(st.floats(min_value=0.001, max_value=86_400_000), min_size=100, max_size=100)
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)


def filled(values):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def drawn(shape):
    chance = random.Random(11)
    return [shape(chance, 80.0) for _ in range(2000)]


def told_to_opentelemetry(values):
    """Its data point: what an OTLP exporter would send of these values."""
    reader = InMemoryMetricReader()
    scale_5 = ExponentialBucketHistogramAggregation(max_size=len(BOUNDS), max_scale=5)
    provider = MeterProvider([reader], views=[View(instrument_name="*", aggregation=scale_5)])
    histogram = provider.get_meter("test").create_histogram("durations")
    for value in values:
        histogram.record(value)
    (resource,) = reader.get_metrics_data().resource_metrics
    provider.shutdown()
    (point,) = resource.scope_metrics[0].metrics[0].data.data_points
    return point


def agrees_with_opentelemetry(values):
    ours, point = filled(values), told_to_opentelemetry(values)
    assert (point.scale, point.count, point.min, point.max) == (5, ours.count, ours.least, ours.most)
    assert point.sum == pytest.approx(ours.total)
    theirs = {point.positive.offset + i: count for i, count in enumerate(point.positive.bucket_counts) if count}
    at_most = ours.cumulative(BOUNDS)
    between = {power: at_most[i + 1] - at_most[i] for i, power in enumerate(POWERS[:-1])}
    assert {power: count for power, count in between.items() if count} == theirs
    for q in QUANTILES:
        seen = 0
        for power, count in sorted(theirs.items()):
            seen += count
            if seen >= q * point.count:
                assert 2 ** (power / 32) * (1 - 1e-12) <= ours.quantile(q) <= 2 ** ((power + 1) / 32) * (1 + 1e-12)
                break


def agrees_with_hdr(values):
    ours, hdr = filled(values), HdrHistogram(1, 10**12, 3)
    for value in values:
        hdr.record_value(round(value * 1e6))  # whole nanoseconds
    assert hdr.get_total_count() == ours.count
    for q in QUANTILES:
        # HdrHistogram answers with the upper end of a cell that is a thousandth wide.
        assert ours.quantile(q) == pytest.approx(hdr.get_value_at_percentile(100 * q) / 1e6, rel=WORST + 0.0011)


@given(hundred)
def test_whatever_was_measured_opentelemetry_counts_the_same(values):
    agrees_with_opentelemetry(values)


@shapes
def test_opentelemetry_counts_the_same(shape):
    agrees_with_opentelemetry(drawn(shape))


@given(hundred)
def test_whatever_was_measured_hdrhistogram_answers_the_same(values):
    agrees_with_hdr([min(value, 900_000) for value in values])


@shapes
def test_hdrhistogram_answers_the_same(shape):
    agrees_with_hdr([min(value, 900_000) for value in drawn(shape)])
