"""Who compacts, and when; test_tiers.py says what comes of it."""

import threading
import time

import pytest
from django.db import connections, transaction

from monitoring import profiler
from monitoring.models import Delta, Leader, Total
from monitoring.store import compaction

pytestmark = pytest.mark.django_db
SOON = 120  # seconds, until the minute of what is recorded now is over


@pytest.fixture
def deltas(telemetry):
    """Five, of a minute that is over SOON."""
    for number in range(5):
        profiler.record(f"name-{number}", 1)
    telemetry.flush()
    assert Delta.objects.count() == 5


def test_the_first_round_of_all_needs_no_leader_before_it(deltas):
    Leader.objects.all().delete()
    assert compaction.compact_if_due(time.time() + SOON)
    assert (Delta.objects.count(), Total.objects.count(), Leader.objects.count()) == (0, 5, 1)


def test_after_a_full_round_the_next_one_comes_at_once(deltas, monkeypatch):
    monkeypatch.setattr(compaction, "MOST_DELTAS", 2)
    now = time.time() + SOON
    assert [compaction.compact_if_due(now) for _ in range(4)] == [True, True, True, False]
    assert (Delta.objects.count(), Total.objects.count()) == (0, 5)


def test_a_clock_set_back_by_an_hour_does_not_stop_the_rounds(deltas):
    now = time.time() + SOON
    assert compaction.compact_if_due(now)
    assert compaction.compact_if_due(now - 3600)
    assert not compaction.compact_if_due(now - 3600)


@pytest.mark.skipif(connections["telemetry"].vendor == "sqlite", reason="SQLite lets in one writer at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_one_who_compacts(deltas):
    held, enough = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic(using="telemetry"):
            Leader.objects.select_for_update().get()
            held.set()
            enough.wait(10)
        connections.close_all()

    Leader.objects.get_or_create(pk=1, defaults={"compacted_at": "1970-01-01T00:00Z"})
    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    began = time.monotonic()
    made = compaction.compact_if_due(time.time() + SOON)
    waited = time.monotonic() - began
    enough.set()
    other.join()
    assert not made
    assert waited < 5
    assert compaction.compact_if_due(time.time() + SOON)
