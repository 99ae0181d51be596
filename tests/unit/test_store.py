"""From the buffer to the database and back: nothing lost, nothing twice."""

import time

import pytest
from django.db import OperationalError, connections

from monitoring import profiler, start_span
from monitoring.guard import guard
from monitoring.models import Delta, Measure, Rollup, Series, Span, Total, Writer
from monitoring.recording import count
from monitoring.store import compaction, figures, writing
from monitoring.store.fold import KEEP_ROWS
from monitoring.store.recorder import recorder
from tests.telemetry import folded

pytestmark = pytest.mark.django_db


def stored(name):
    found = [
        series.histogram
        for series in figures.since_the_beginning(("histogram", "counter", "span"))
        if series.name == name
    ]
    return found[0] if found else None


def test_a_measure_reaches_the_database_as_a_row_and_as_figures(telemetry):
    profiler.record("work", 12.5)
    telemetry.flush()
    assert Measure.objects.get().duration_ms == 12.5
    assert (stored("work").count, stored("work").total) == (1, 12.5)


def test_a_span_reaches_the_database_with_what_it_carries(telemetry):
    with start_span("outer", {"topic": "billing"}), start_span("inner"):
        pass
    telemetry.flush()
    outer, inner = Span.objects.get(name="outer"), Span.objects.get(name="inner")
    assert (outer.local_root, inner.local_root) == (True, False)
    assert inner.parent_id == outer.span_id
    assert outer.attributes["topic"] == "billing"
    assert stored("outer").count == 1


def test_a_measure_knows_the_span_it_was_made_in(telemetry):
    with start_span("outer") as span:
        profiler.record("work", 1)
    telemetry.flush()
    assert Measure.objects.get().trace_id == f"{span.get_span_context().trace_id:032x}"


def test_a_batch_offered_twice_counts_once(telemetry, monkeypatch):
    """The commit succeeded but its answer was lost: the same number comes again."""
    write = writing.write

    def write_and_lose_the_answer(batch, heartbeat):
        write(batch, heartbeat)
        raise OperationalError("the answer was lost")

    guard.strict = False
    monkeypatch.setattr(writing, "write", write_and_lose_the_answer)
    monkeypatch.setattr(connections["telemetry"], "close", lambda: None)
    profiler.record("work", 10)
    telemetry.flush()
    monkeypatch.setattr(writing, "write", write)
    profiler.record("work", 20)
    telemetry.flush()
    assert (stored("work").count, stored("work").total) == (2, 30)
    assert Measure.objects.count() == 2


def test_while_the_database_is_away_counts_are_kept_and_rows_are_shed(telemetry, monkeypatch):
    write = writing.write
    guard.strict = False
    monkeypatch.setattr(connections["telemetry"], "close", lambda: None)
    monkeypatch.setattr(writing, "write", lambda *_: (_ for _ in ()).throw(OperationalError("gone")))
    for _ in range(3):
        for _ in range(KEEP_ROWS // 2 + 100):
            profiler.record("work", 1)
        telemetry.flush()
    monkeypatch.setattr(writing, "write", write)
    telemetry.flush()
    assert stored("work").count == 3 * (KEEP_ROWS // 2 + 100)
    assert Measure.objects.count() < stored("work").count
    assert Writer.objects.get().shed == stored("work").count - Measure.objects.count()
    assert guard.failures["storing telemetry"] == 3


def test_a_full_buffer_refuses_and_counts(telemetry, monkeypatch):
    monkeypatch.setattr("monitoring.store.buffer.CAPACITY", 5)
    for _ in range(8):
        profiler.record("work", 1)
    assert len(telemetry._records) == 5
    assert telemetry.shed == 3


def test_compaction_changes_where_figures_are_kept_and_not_what_they_say(telemetry):
    for ms in (1, 10, 100):
        profiler.record("work", ms)
        count("customers_joined_total")
        telemetry.flush()
    before = (stored("work").count, stored("work").total, stored("work").cells)
    later = time.time() + 120
    assert compaction.compact(later) == 6
    assert Delta.objects.count() == 0
    assert (stored("work").count, stored("work").total, stored("work").cells) == before
    assert stored("customers_joined_total").count == 3
    profiler.record("work", 5)
    telemetry.flush()
    compaction.compact(later)
    assert stored("work").count == 4
    assert Total.objects.get(series__name="work").count == 4
    assert set(Rollup.objects.filter(series__name="work").values_list("count", flat=True)) == {4}


def test_only_one_process_compacts_at_a_time(telemetry):
    now = time.time()
    assert compaction.compact_if_due(now)
    assert not compaction.compact_if_due(now + 1)
    assert compaction.compact_if_due(now + compaction.EVERY + 1)


def test_too_many_names_share_one_series_that_says_so(telemetry, monkeypatch):
    monkeypatch.setattr("monitoring.store.series.MOST_SERIES", 3)
    for number in range(6):
        profiler.record(f"name-{number}", 1)
    telemetry.flush()
    assert Series.objects.count() == 4
    assert stored("__other__").count == 3


def test_a_broken_telemetry_database_raises_nothing(telemetry, monkeypatch):
    guard.strict = False
    monkeypatch.setattr(writing, "write", lambda *_: (_ for _ in ()).throw(OperationalError("disk full")))
    monkeypatch.setattr(connections["telemetry"], "close", lambda: None)
    with start_span("work"):
        profiler.record("work", 1)
    telemetry.flush()
    assert guard.failures["storing telemetry"] == 1


def test_a_flush_with_nothing_to_say_writes_nothing(telemetry):
    telemetry.flush()
    assert recorder._seq == 0
    assert not Writer.objects.exists()


def test_names_that_never_end_do_not_fill_the_memory(telemetry, monkeypatch):
    monkeypatch.setattr("monitoring.store.fold.KEEP_DELTAS", 10)
    for number in range(50):
        profiler.record(f"name-{number}", 1)
    batch = folded(telemetry._records)
    assert len(batch.deltas) == 11
    assert sum(histogram.count for histogram in batch.deltas.values()) == 50


def test_a_process_that_gets_no_thread_goes_on(telemetry, monkeypatch):
    def refused(_thread):
        raise RuntimeError("can't start new thread")

    guard.strict, telemetry.autoflush = False, True
    monkeypatch.setattr("threading.Thread.start", refused)
    profiler.record("work", 1)
    assert len(telemetry._records) == 1
    assert guard.failures["starting to write telemetry"] == 1


def test_what_no_database_takes_is_made_fit_before_it_is_stored(telemetry):
    with start_span("half \ud800 and \0", {"n": float("nan"), "text": "a\0b", "path": "caf\udce9"}):
        profiler.record("work \0", 1)
    telemetry.flush()
    assert Span.objects.get().name == "half ? and "
    assert Span.objects.get().attributes.items() >= {"n": "nan", "text": "ab", "path": "caf?"}.items()
    assert Measure.objects.get().series.name == "work "


def test_a_row_that_no_database_takes_costs_the_batchs_rows_and_no_counts(telemetry, monkeypatch):
    guard.strict = False
    profiler.record("work", 10)
    with start_span("operation"):
        pass
    whole = writing.span_row
    monkeypatch.setattr(writing, "span_row", lambda *span: (None, *whole(*span)[1:]))
    telemetry.flush()
    monkeypatch.undo()
    profiler.record("work", 20)
    telemetry.flush()
    assert (stored("work").count, stored("work").total, stored("operation").count) == (2, 30, 1)
    assert Measure.objects.get().duration_ms == 20
    assert Writer.objects.get().shed == 2
    assert guard.failures["storing a batch's rows"] == 1


def test_a_clock_that_jumps_back_loses_nothing(telemetry, monkeypatch):
    """What was measured before the jump counts where the clock stood then; compaction goes on."""
    profiler.record("work", 10)
    telemetry.flush()
    now = time.time()
    assert compaction.compact_if_due(now + 120)  # as if the clock had been two minutes ahead
    monkeypatch.setattr(time, "time", lambda: now - 3600)
    profiler.record("work", 20)
    with start_span("operation") as span:
        monkeypatch.setattr(time, "time", lambda: now - 7200)
    telemetry.flush()
    assert 0 <= span.duration_ms < 1000
    assert (stored("work").count, stored("work").total) == (2, 30)
    assert compaction.compact_if_due(now - 3600 + compaction.EVERY + 120)
    assert (stored("work").count, stored("work").total) == (2, 30)


def test_a_span_cannot_take_less_than_no_time(telemetry):
    with start_span("operation") as span:
        span.start_time += 10**12  # as after a clock that was set back in another process
        span._clock = None
    telemetry.flush()
    assert Span.objects.get().duration_ms == 0
    assert (stored("operation").least, stored("operation").most) == (0, 0)
