"""The three scenarios of the system that AdminAra replaces, read back from the database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monitoring import bottlenecks, profiler, run_job, start_span
from monitoring.models import JobRun, Span

pytestmark = pytest.mark.django_db


@contextmanager
def watched() -> Iterator[list[float]]:
    """Takes the time as well, in milliseconds: what is measured within can be no longer, however busy the machine."""
    taken: list[float] = []
    began = time.perf_counter()
    yield taken
    taken.append((time.perf_counter() - began) * 1000)


def test_an_operation_with_attributes_and_a_result_is_a_span(telemetry):
    with watched() as taken, start_span("test.operation", {"userId": "42"}) as span:
        time.sleep(0.1)
        span.set_attribute("result", "ok")
    telemetry.flush()
    stored = Span.objects.get(name="test.operation")
    assert 100 <= stored.duration_ms <= taken[0]
    assert stored.attributes["userId"] == "42"
    assert stored.attributes["result"] == "ok"


def test_a_heavy_operation_between_two_marks_is_a_bottleneck(telemetry):
    with watched() as taken:
        profiler.mark("heavy_start")
        time.sleep(0.15)
        profiler.mark("heavy_end")
    assert 150 <= profiler.measure("heavy_op", "heavy_start", "heavy_end") <= taken[0]
    assert [measure.name for measure in profiler.get_bottlenecks(100)] == ["heavy_op"]
    telemetry.flush()
    (row,) = bottlenecks(window="15m", threshold=100).rows
    assert (row.name, row.count, row.over) == ("heavy_op", 1, 1)
    assert 150 * 0.99 <= row.p95 <= taken[0] * 1.01  # by the histogram


def test() -> str:
    time.sleep(0.05)
    return "tested"


test.__test__ = False


def test_a_job_wrapped_around_some_work_is_a_span_named_after_it(telemetry):
    with watched() as taken:
        assert run_job(test) == "tested"
    telemetry.flush()
    span, run = Span.objects.get(name="job.test"), JobRun.objects.get()
    assert 50 <= span.duration_ms <= taken[0]
    assert span.attributes["status"] == "success"
    assert (run.status, run.outcome, run.trace_id) == ("success", "tested", span.trace_id)
