"""From a name that is slow to a trace that shows why."""

import pytest

from monitoring.models import Exemplar, Series
from monitoring.panel.examples import examples
from tests.telemetry import make_span

pytestmark = pytest.mark.django_db
MINUTE = 1_795_608_000


@pytest.fixture
def series():
    return {role: Series.objects.create(kind="histogram", name="work", labels=role) for role in ("a", "b")}


def exemplify(series, ms, *, at=MINUTE, ok=True, stored=True):
    """An exemplar of a trace, which is stored or not; returns its trace's id."""
    trace = make_span().trace_id if stored else "f" * 32
    Exemplar.objects.create(
        series=series, bucket=at // 60 * 60, at=at, duration_ms=ms, ok=ok, trace_id=trace, span_id="1" * 16
    )
    return trace


def test_the_slowest_and_the_newest_that_failed_of_all_series_and_minutes_of_a_name(series):
    exemplify(series["a"], 900, at=MINUTE - 1)
    exemplify(series["a"], 300)
    slowest = exemplify(series["b"], 500, at=MINUTE + 61)
    exemplify(series["b"], 400, ok=False)
    failed = exemplify(series["a"], 5, at=MINUTE + 130, ok=False)
    exemplify(series["a"], 900, at=MINUTE + 180, ok=False)
    found = examples(MINUTE, MINUTE + 179)
    assert [part["histogram", "work"].trace_id for part in found] == [slowest, failed]
    assert [(part["histogram", "work"].duration_ms, part["histogram", "work"].at) for part in found] == [
        (500, MINUTE + 61),
        (5, MINUTE + 130),
    ]


def test_what_failed_can_be_the_slowest_too(series):
    trace = exemplify(series["a"], 500, ok=False)
    assert [part["histogram", "work"].trace_id for part in examples(MINUTE, MINUTE)] == [trace, trace]


def test_a_trace_that_is_not_stored_any_more_is_no_example(series):
    exemplify(series["a"], 500, ok=False, stored=False)
    assert examples(MINUTE, MINUTE) == ({}, {})


def test_all_names_are_read_at_once(series, django_assert_num_queries):
    for ms in range(10):
        exemplify(series["a"], ms)
        exemplify(series["b"], ms, ok=False)
    with django_assert_num_queries(3, using="telemetry"):
        examples(MINUTE, MINUTE)


def test_the_slowest_of_the_whole_window_is_found_and_the_newest_that_failed(series):
    slow = exemplify(series["a"], 900, ok=False)
    broken = exemplify(series["a"], 500, ok=False, at=MINUTE + 60)
    exemplify(series["a"], 400, at=MINUTE + 120)
    exemplify(series["a"], 1000, ok=False, at=MINUTE + 180)  # after the window
    slowest, failed = examples(MINUTE, MINUTE + 120)
    assert slowest["histogram", "work"].trace_id == slow
    assert failed["histogram", "work"].trace_id == broken
