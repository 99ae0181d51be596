import pytest

from sessions_app import gauges, lifecycle, queue
from tests.factories import NOON, make_queue, make_staff

pytestmark = pytest.mark.django_db


def readings_now():
    read = [*gauges.read_now(), *gauges.read_past()]
    return {(reading.name, *reading.labels.values()): reading.value for reading in read}


def test_every_state_is_there_from_the_start():
    readings = readings_now()
    assert set(readings.values()) == {0}
    assert ("support_sessions", "expired") in readings


def test_the_gauges_are_what_the_console_shows():
    first, _ = make_queue(2)
    lifecycle.claim(first.pk, make_staff(), first.joined_at)
    readings = readings_now()
    counts = queue.counts(NOON)
    assert readings["queue_length",] == counts.waiting == 1
    assert readings["support_sessions", "connecting"] == counts.connecting == 1
    assert readings["queue_longest_wait_seconds",] > 0
