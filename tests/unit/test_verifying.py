"""Figures that were broken by hand are named, and those that are sums of minutes made right again."""

import itertools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.models import F

from monitoring.models import Delta, Measure, Rollup, Total, Writer
from monitoring.store import compaction
from monitoring.store.rebuilding import repairs
from monitoring.store.tiers import DAY, HOUR, MINUTE, TEN_MINUTES
from monitoring.store.times import moment
from monitoring.store.verifying import checks
from tests.factories import NOON
from tests.telemetry import make_duration, make_process, store

pytestmark = pytest.mark.django_db
NOW = int(NOON.timestamp())
SINCE = NOW - 2 * HOUR


@pytest.fixture(autouse=True)
def day_at_the_desk():
    """A measure every 25 s, on two series; all but the latest is compacted."""
    measures = [
        make_duration(f"work-{n % 2}", SINCE + 25 * n, ms=1.1 * n, ok=bool(n % 7)) for n in range((NOW - SINCE) // 25)
    ]
    store(measures[:-20])
    while compaction.compact(NOW):
        pass
    store(measures[-20:], seq=2)
    assert Delta.objects.exists()


def verify(now=NOW):
    return [str(difference) for check in checks(now) for difference in check()]


def rebuild(now=NOW):
    return [str(difference) for repair in repairs(now) for difference in repair()]


def broken(**where):
    row = Rollup.objects.filter(series__name="work-1", **where).order_by("bucket").last()
    Rollup.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row


def test_what_was_recorded_and_compacted_is_proven():
    assert len(checks(NOW)) > 100 + 12 + 2 + 1
    assert verify() == []
    assert rebuild() == []


@pytest.mark.parametrize("resolution", [TEN_MINUTES, HOUR])
def test_a_coarse_figure_that_is_broken_is_named_and_rebuilt(resolution):
    row = broken(resolution=resolution)
    named = verify()
    assert any(f"histogram work-1, {resolution} s from 2026-03-02 11:" in line for line in named)
    assert any(f"stored {row.count + 1} (" in line and f"expected {row.count} (" in line for line in named)
    assert len(rebuild()) == 1
    assert verify() == []
    assert rebuild() == []


@pytest.mark.parametrize(
    "changes", [{"errors": 99}, {"total_ms": 1}, {"least_ms": 0.5}, {"most_ms": 1e6}, {"cells": b""}]
)
def test_every_part_of_a_figure_is_compared(changes):
    Rollup.objects.filter(pk=broken(resolution=HOUR).pk).update(count=F("count") - 1, **changes)
    assert len(verify()) == 2  # against its minutes, and the day against it
    rebuild()
    assert verify() == []


def test_figures_of_a_series_that_has_no_minutes_there_go():
    row = Rollup.objects.filter(resolution=HOUR, series__name="work-0").first()
    Rollup.objects.filter(resolution=HOUR, pk=row.pk).update(bucket=row.bucket + 5 * HOUR)
    later = NOW + 5 * HOUR
    assert len(verify(later)) == 2  # where it is missing and where it is too much; its day still adds up
    rebuild(later)
    assert verify(later) == []


def test_figures_that_are_missing_altogether_are_made_again():
    before = sorted(Rollup.objects.exclude(resolution=MINUTE).values_list("resolution", "bucket", "count"))
    Rollup.objects.exclude(resolution=MINUTE).delete()
    assert rebuild()
    assert sorted(Rollup.objects.exclude(resolution=MINUTE).values_list("resolution", "bucket", "count")) == before
    assert verify() == []


def test_a_minute_with_more_rows_than_it_counted_is_a_defect():
    minute = Rollup.objects.filter(resolution=MINUTE, bucket=SINCE + HOUR).first()
    Rollup.objects.filter(pk=minute.pk).delete()
    first, *_ = verify()
    assert f"{minute.series}, 60 s from 2026-03-02 11:00:00 UTC: stored nothing, expected {minute.count} (" in first


def test_a_minute_counted_twice_is_a_defect_where_nothing_was_shed():
    broken(resolution=MINUTE)
    assert any("60 s from" in line and "expected" in line for line in verify())


def test_rows_that_were_shed_are_told_and_are_no_defect():
    make_process(at=NOON, shed=2)
    minute = SINCE + HOUR
    Measure.objects.filter(at__gte=minute, at__lt=minute + 60).first().delete()
    assert not any("shed" in told for told in verify())  # that process began later
    Writer.objects.update(started_at=NOON - timedelta(hours=6))
    (told,) = verify()
    assert told.endswith("60 s from 2026-03-02 11:00:00 UTC: 1 rows shed")


def test_a_total_that_is_not_the_sum_of_its_days_is_named():
    Total.objects.filter(series__name="work-0").update(errors=0)
    (told,) = verify()
    assert "histogram work-0, lifetime total: stored" in told
    assert rebuild() == []  # totals are nobody's sum once days are gone, so nothing mends them


def test_what_is_no_longer_kept_proves_nothing_and_is_not_rebuilt(settings):
    settings.TELEMETRY_KEEP_BY_MINUTE = HOUR
    Rollup.objects.filter(resolution=MINUTE, bucket__lt=NOW - HOUR).delete()
    before = sorted(Rollup.objects.values_list("resolution", "bucket", "count"))
    settings.TELEMETRY_KEEP_BY_MINUTE = 7 * DAY  # raised after the minutes were deleted
    rebuild()
    assert sorted(Rollup.objects.values_list("resolution", "bucket", "count")) == before


def test_rows_deleted_for_their_age_are_not_missed(settings):
    settings.TELEMETRY_KEEP_MEASURES = HOUR
    Measure.objects.filter(at__lt=NOW - HOUR).delete()
    assert verify() == []


def test_rows_deleted_for_their_number_are_not_missed():
    ids = Measure.objects.order_by("pk").values_list("pk", flat=True)
    Measure.objects.filter(pk__lt=ids[100]).delete()
    assert verify() == []


@pytest.fixture
def short_memory(settings):
    settings.TELEMETRY_KEEP_MEASURES = settings.TELEMETRY_KEEP_BY_MINUTE = settings.TELEMETRY_KEEP_BY_TEN_MINUTES = (
        4 * HOUR
    )


def test_the_command_says_what_differs_and_fails(capsys, short_memory):
    call_command("rebuild_rollups", verify=True, verbosity=0)
    assert capsys.readouterr().out.startswith("No figure differs (")
    Total.objects.filter(series__name="work-0").update(count=0)
    with pytest.raises(CommandError, match="1 figures differ") as failed:
        call_command("rebuild_rollups", verify=True)
    assert failed.value.returncode == 1
    told = capsys.readouterr()
    assert "work-0, lifetime total" in told.out
    assert "100%" in told.err


def test_the_command_mends_and_does_not_fail_for_rows_that_were_shed(capsys, short_memory):
    recently = int(time.time()) // HOUR * HOUR - 2 * HOUR
    store([make_duration("work-1", recently + number, 5.0) for number in range(10)], seq=3)
    compaction.compact(recently + HOUR)
    Measure.objects.filter(at__gt=recently + 8).delete()
    make_process(at=moment(recently), shed=9)
    broken(resolution=HOUR)
    call_command("rebuild_rollups", verbosity=0)
    assert "1 figures were not the sum of their minutes, and are now." in capsys.readouterr().out
    call_command("rebuild_rollups", verify=True, verbosity=0)
    assert ": 1 rows shed\nNo figure differs (" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_figures_are_proven_while_they_are_written_and_merged():
    stop, chance = threading.Event(), random.Random(4)

    def record():
        for seq in itertools.count(3):
            measures = [make_duration(f"work-{n % 2}", SINCE + chance.random() * 2 * HOUR, ms=5.0) for n in range(50)]
            store(measures, seq=seq)
            with transaction.atomic(using="telemetry"):
                compaction.compact(NOW)
            if stop.wait(0.05):  # so that whoever reads gets its turn, however busy the machine is
                break
        connections.close_all()

    with ThreadPoolExecutor() as pool:
        recording = pool.submit(record)
        before, found = Measure.objects.count(), []
        try:
            while not recording.done() and Measure.objects.count() < before + 500:
                found += verify()
        finally:
            stop.set()
        recording.result()
    assert found == []
