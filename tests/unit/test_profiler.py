import asyncio
import contextvars
import logging
import re
import threading
import time

import pytest

from monitoring import PerformanceProfiler
from monitoring.models import Measure, Writer
from monitoring.profiler import MOST_MARKS
from monitoring.recording import refused


@pytest.fixture
def profiler():
    return PerformanceProfiler()


@pytest.fixture
def heard(caplog):
    """What the panel logs, which goes past the root logger that `caplog` listens to."""
    panel = logging.getLogger("monitoring")
    panel.addHandler(caplog.handler)
    yield
    panel.removeHandler(caplog.handler)


def test_two_marks_measure_the_time_between_them(profiler):
    profiler.mark("start")
    time.sleep(0.02)
    profiler.mark("end")
    time.sleep(0.02)
    until_the_end, until_now = profiler.measure("work", "start", "end"), profiler.measure("work", "start")
    assert 20 <= until_the_end <= until_now - 20


def test_without_an_end_mark_a_measure_ends_now(profiler):
    profiler.mark("start")
    time.sleep(0.02)
    assert profiler.measure("work", "start") >= 20


@pytest.mark.parametrize(("start", "end"), [("never", None), ("start", "never")])
def test_a_mark_that_was_never_set_is_a_warning_and_stores_nothing(profiler, telemetry, caplog, heard, start, end):
    profiler.mark("start")
    assert profiler.measure("work", start, end) is None
    assert "no mark 'never'" in caplog.text
    assert profiler.get_measures() == []
    assert not telemetry._records


@pytest.mark.parametrize("duration", [-1, float("nan"), float("inf"), 1e12, "5", None])
def test_a_duration_that_cannot_be_is_refused_and_counted(profiler, telemetry, duration):
    assert profiler.record("work", duration) is None
    assert not telemetry._records
    assert refused == {"duration": 1}


def test_a_mistake_in_a_loop_does_not_fill_the_log(profiler, telemetry, caplog, heard):
    for _ in range(150):
        profiler.record("work", -1)
    assert re.findall(r"'work' left out: -1 ms .* so far: (\d+)", caplog.text) == ["1", "10", "100"]


@pytest.mark.django_db
def test_what_was_refused_or_cut_is_told_with_the_next_write(profiler, telemetry):
    profiler.record("work", -1)
    profiler.record("n" * 250, 5)
    profiler.record("job_processing_time", 5, job_name="session_cleanup", customer="Cy")
    profiler.record(404, 5)
    telemetry.flush()
    assert Writer.objects.get().refused == {"duration": 1, "name": 1, "label": 1}
    assert set(Measure.objects.values_list("series__name", flat=True)) == {"n" * 200, "job_processing_time", "404"}


def test_threads_using_one_name_never_mix(profiler):
    measured = {}

    def work(name, pause):
        profiler.mark("start")
        time.sleep(pause)
        measured[name] = profiler.measure("work", "start")

    threads = [threading.Thread(target=work, args=(n, p)) for n, p in (("slow", 0.08), ("quick", 0.02))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert measured["slow"] >= 80
    assert 20 <= measured["quick"] < measured["slow"]


async def test_tasks_using_one_name_never_mix(profiler):
    async def work(pause):
        profiler.mark("start")
        await asyncio.sleep(pause)
        return profiler.measure("work", "start")

    profiler.mark("start")
    await asyncio.sleep(0.05)
    slow, quick = await asyncio.gather(work(0.04), work(0.01))
    assert slow >= 40
    assert 10 <= quick < slow
    assert profiler.measure("outer", "start") >= 50 + slow


def test_marks_in_one_context_are_bounded(profiler):
    def mark_many():
        for number in range(MOST_MARKS + 10):
            profiler.mark(f"mark-{number}")
        assert profiler.measure("first", "mark-0") is None
        assert profiler.measure("last", f"mark-{MOST_MARKS + 9}") is not None

    contextvars.Context().run(mark_many)


def test_timed_records_a_failed_block_and_lets_the_error_go_on(profiler, telemetry):
    with pytest.raises(ZeroDivisionError), profiler.timed("division"):
        1 / 0
    (record,) = telemetry._records
    assert (record.name, record.ok) == ("division", False)


def test_bottlenecks_are_strictly_over_the_threshold_and_clear_forgets(profiler):
    for ms in (100.0, 100.1, 250.0):
        profiler.record("work", ms)
    assert [m.duration for m in profiler.get_bottlenecks(100)] == [250.0, 100.1]
    assert [m.duration for m in profiler.get_measures()] == [100.0, 100.1, 250.0]
    profiler.clear()
    assert profiler.get_measures() == []


def test_switched_off_it_does_nothing_but_declared_metrics_still_count(profiler, telemetry, settings):
    settings.ENABLE_PROFILING = False
    profiler.mark("start")
    assert profiler.measure("work", "start") is None
    assert profiler.record("work", 5) is None
    assert profiler.record("job_processing_time", 5, job_name="session_cleanup") == 5
    assert [record.name for record in telemetry._records] == ["job_processing_time"]


def test_labels_that_no_declaration_knows_are_refused(profiler, telemetry):
    profiler.record("job_processing_time", 5, job_name="session_cleanup", customer="Cy")
    assert telemetry._records[0].labels == (("job_name", "session_cleanup"),)
