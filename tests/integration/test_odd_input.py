"""Whatever a program names, labels, measures or notes: no error, and all that is not refused is stored."""

import json
import random
import sys
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from monitoring import count, profiler, start_span
from monitoring.guard import guard
from monitoring.metrics import INPUT_REFUSED
from monitoring.models import Measure, Span
from monitoring.recording import refused
from tests.exactness import exact

pytestmark = pytest.mark.django_db


class Mute:
    def __str__(self):
        raise RuntimeError("no words")


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


ANY_TEXT = some.text(some.characters(), max_size=300) | some.sampled_from(
    ["", "\0", "\ud800", "half \udce9", "x" * 5000, "é" * 201, "queue_wait_time", "webrtc_connection_time"]
)
ODD = some.sampled_from([None, (), [], {}, {"a": [1]}, object(), Mute(), b"\xff", float("nan"), 10**400, True, 3 + 4j])
ANYTHING = some.recursive(
    ANY_TEXT | ODD | some.integers() | some.floats() | some.binary(max_size=10) | some.none(),
    lambda inner: some.lists(inner, max_size=3) | some.tuples(inner) | some.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)
NAMES = ANY_TEXT | ODD
LABELS = some.dictionaries(
    ANY_TEXT.filter(lambda label: label not in {"name", "duration_ms", "amount", "self"})
    | some.sampled_from(["role", "job_name"]),
    ANYTHING,
    max_size=3,
)
DURATIONS = some.floats(0, 1e6) | some.integers() | some.floats() | ANYTHING
# Attributes have names; everything else about them may be wrong.
ATTRIBUTES = some.none() | some.dictionaries(ANY_TEXT | some.integers() | some.none(), ANYTHING, max_size=4)
ERRORS = some.none() | some.builds(ValueError, ANY_TEXT) | some.just(Unspeakable())


@pytest.fixture
def lenient(telemetry):
    """As in a program that runs: errors are counted and not raised."""
    guard.strict = False
    return telemetry


def work(name, attributes, noted, error):
    """An operation as a program has them; what it raises is its own."""
    with start_span(name, attributes) as span:
        for key, value in (noted or {}).items():
            span.set_attribute(key, value)
        span.add_event(name, noted)
        if error:
            raise error


def counted():
    """What the program itself has counted."""
    return exact("counter") - exact("counter", name=INPUT_REFUSED.name)


patient = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@patient
@given(some.lists(some.tuples(NAMES, DURATIONS, LABELS), min_size=1, max_size=4))
def test_measures(lenient, measures):
    stored, refusals = exact("histogram"), refused["duration"]
    accepted = sum(profiler.record(name, ms, **labels) is not None for name, ms, labels in measures)
    lenient.flush()
    assert exact("histogram") - stored == accepted == len(measures) - (refused["duration"] - refusals)
    assert Measure.objects.count() == exact("histogram")
    assert not guard.failures, "nothing may go wrong, not even quietly"


@patient
@given(some.lists(some.tuples(NAMES, ANYTHING | some.just(1), LABELS), min_size=1, max_size=4))
def test_counts(lenient, counts):
    stored, before = counted(), refused["amount"]
    for name, amount, labels in counts:
        count(name, amount, **labels)
    lenient.flush()
    whole = [amount for _, amount, _ in counts if isinstance(amount, int) and 0 <= amount <= sys.maxsize // 2**31]
    assert counted() - stored == sum(whole)
    assert refused["amount"] - before == len(counts) - len(whole)
    assert exact("counter", name=INPUT_REFUSED.name) == sum(refused.values()), "what was refused is counted itself"
    assert not guard.failures, "nothing may go wrong, not even quietly"


@patient
@given(some.lists(some.tuples(NAMES, ATTRIBUTES, ATTRIBUTES, ERRORS), min_size=1, max_size=3))
def test_spans(lenient, operations):
    random.seed()  # hypothesis begins each example with the same one, and so with the same ids of spans
    counted, stored = exact("span"), Span.objects.count()
    for name, attributes, noted, error in operations:
        with pytest.raises(type(error)) if error else nullcontext():
            work(name, attributes, noted, error)
    lenient.flush()
    assert not guard.failures, "nothing may go wrong, not even quietly"
    assert exact("span") - counted == Span.objects.count() - stored == len(operations)
    assert all(json.dumps(row.attributes).isascii() for row in Span.objects.order_by("-pk")[: len(operations)])
