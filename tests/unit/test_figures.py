"""What is read from the store is what was measured, whichever rows it is read from."""

import math
import random
import time

import pytest

from monitoring import profiler
from monitoring.models import Rollup
from monitoring.store import compaction, figures
from monitoring.store.histogram import Histogram
from monitoring.store.tiers import DAY, HOUR, MINUTE
from tests.history import fill
from tests.telemetry import make_duration, store

pytestmark = pytest.mark.django_db


def of(durations):
    histogram = Histogram()
    for ms in durations:
        histogram.add(ms)
    return histogram


def test_a_long_past_is_read_as_it_was_measured():
    chance, now = random.Random(8), 1_800_000_000
    history = fill(measures=20_000, days=2, series=3, now=now)
    windows = [(now - length, now) for length in (0, HOUR, DAY, 2 * DAY)]
    windows += [sorted(now - chance.randrange(2 * DAY) for _ in range(2)) for _ in range(20)]
    for since, until in windows:
        minutes = [minute for minute in history.minutes if since // MINUTE * MINUTE <= minute <= until]
        read = {series.name: series.histogram for series in figures.in_window(since, until)}
        for number in range(3):
            durations = [ms for minute in minutes for ms in history.durations(number, minute)]
            truth, answer = of(durations), read.get(history.name(number), Histogram())
            assert (answer.count, answer.cells) == (truth.count, truth.cells)
            assert (answer.least, answer.most) == (truth.least, truth.most)
            assert math.isclose(answer.total, truth.total)
    assert sum(s.histogram.count for s in figures.since_the_beginning(("histogram",))) == 20_000


def test_a_window_is_one_statement_beside_the_names_and_the_look_ahead(django_assert_max_num_queries):
    now = 1_800_000_000
    fill(measures=20_000, days=2, series=1, now=now)
    with django_assert_max_num_queries(3):
        figures.in_window(now - DAY, now)


def test_what_a_clock_ahead_of_ours_recorded_is_not_counted_before_its_time():
    now = time.time() // DAY * DAY + 12 * HOUR
    store([make_duration("work", now, 1.0), make_duration("work", now + 2 * HOUR, 2.0)])
    compaction.compact(now + DAY)
    assert Rollup.objects.filter(resolution=DAY).count() == 1
    (series,) = figures.in_window(now - HOUR, now)
    assert series.histogram.count == 1


def test_minutes_are_read_by_name_whatever_the_labels(telemetry):
    for role in ("customer", "staff"):
        profiler.record("webrtc_connection_time", 100, role=role)
    profiler.record("queue_wait_time", 5)
    telemetry.flush()
    time_of, *others = [
        *(("histogram", "webrtc_connection_time"), ("counter", "queue_wait_time"), ("histogram", "nothing")),
    ]
    read = figures.by_minute({time_of, *others}, time.time() - HOUR, time.time())
    assert [histogram.count for histogram in read[time_of].values()] == [2]
    assert [read[other] for other in others] == [{}, {}]
