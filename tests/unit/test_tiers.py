"""A window is read from rollups of several resolutions and says what its minutes say."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.jobs import delete_old_logs
from monitoring.models import Delta, Rollup
from monitoring.store import compaction, figures
from monitoring.store.histogram import Histogram
from monitoring.store.tiers import DAY, HOUR, MINUTE, RESOLUTIONS, TEN_MINUTES, begin, tiles
from tests.telemetry import make_duration, store

minutes = st.integers(0, 60 * 24 * 40).map(lambda minute: minute * MINUTE)


@given(minutes, minutes)
def test_tiles_cover_a_window_without_gap_or_overlap(one, other):
    first, end = sorted((one, other))
    covered = first
    for tile in tiles(first, end):
        assert tile.first == covered
        assert tile.first < tile.end
        assert tile.first % tile.resolution == tile.end % tile.resolution == 0
        covered = tile.end
    assert covered == end


@given(minutes, minutes)
def test_a_long_window_is_read_from_few_buckets(one, other):
    first, end = sorted((one, other))
    buckets = sum((tile.end - tile.first) // tile.resolution for tile in tiles(first, end))
    assert buckets <= (end - first) // DAY + 2 * (24 + 6 + 10)


@pytest.mark.parametrize(
    ("age", "resolution"),
    [(HOUR, MINUTE), (8 * DAY, TEN_MINUTES), (40 * DAY, HOUR), (200 * DAY, DAY), (9999 * DAY, DAY)],
)
def test_a_window_begins_where_its_figures_are_still_kept(age, resolution):
    now = 1_800_000_000.0
    assert begin(now - age - 1, now) % resolution == 0
    assert 0 <= now - age - 1 - begin(now - age - 1, now) < resolution


@pytest.mark.django_db
def test_any_window_says_what_its_minutes_say():
    chance, now = random.Random(3), int(time.time()) // MINUTE * MINUTE
    records = [make_duration("work", now - chance.randrange(2 * DAY), chance.lognormvariate(4, 1)) for _ in range(600)]
    store(records)
    while compaction.compact(now - chance.randrange(HOUR)):
        pass
    assert set(Rollup.objects.values_list("resolution", flat=True)) == set(RESOLUTIONS)
    assert Delta.objects.exists()
    for _ in range(40):
        since, until = sorted(now - chance.randrange(2 * DAY) // MINUTE * MINUTE for _ in range(2))
        truth = Histogram()
        for record in records:
            if since <= record.at < until + MINUTE:
                truth.add(record.ms)
        read = Histogram.merged(series.histogram for series in figures.in_window(since, until))
        assert (read.count, read.cells) == (truth.count, truth.cells)


@pytest.mark.django_db
def test_figures_go_as_their_resolution_is_kept():
    now = int(time.time())
    store(make_duration("work", now - age * DAY, 5.0) for age in (1, 10, 40, 200))
    compaction.compact(now)
    assert Rollup.objects.count() == 16
    assert "3 measures" in delete_old_logs()
    kept = {resolution: Rollup.objects.filter(resolution=resolution).count() for resolution in RESOLUTIONS}
    assert kept == {MINUTE: 1, TEN_MINUTES: 2, HOUR: 3, DAY: 4}
    read = figures.in_window(begin(now - 300 * DAY, now), now)
    assert [series.histogram.count for series in read] == [4]
