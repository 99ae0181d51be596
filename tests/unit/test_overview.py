"""The overview's numbers, and the sentences made of them."""

import time
from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_q.models import OrmQ

from monitoring.panel.bottlenecks import bottlenecks
from monitoring.panel.overview import snapshot
from monitoring.panel.verdicts import verdicts
from monitoring.profiler import profiler
from monitoring.recording import count, record_duration
from monitoring.store.buffer import buffer
from tests.telemetry import make_process, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_to_notice(settings):
    """The desk has a relay, so that it has no notice to add."""
    settings.TURN_URLS = ["turn:turn.example.org"]


def trend(taken, name):
    return next(trend for trend in taken.trends if trend.name == name)


def levels(taken):
    return [verdict.level for verdict in verdicts(taken)]


def test_trends_tell_the_last_minutes_the_hour_and_the_hour_before():
    moment = time.time()
    for age, ms in ((10, 100.0), (1800, 200.0), (5400, 50.0)):
        record_duration("job_processing_time", {"job_name": "queue_sweep"}, moment - age, ms)
    count("customers_joined_total", 3)
    buffer.flush()
    taken = snapshot(now())
    jobs = trend(taken, "job_processing_time")
    assert (jobs.recent.count, jobs.hour.count, jobs.before.count) == (1, 2, 1)
    assert jobs.recent.p95 == pytest.approx(100, rel=0.011)
    assert jobs.growth == pytest.approx(4, rel=0.03)
    assert len(jobs.minutes) == 60
    assert sum(point is not None for point in jobs.minutes) == 2
    joined = trend(taken, "customers_joined_total")
    assert (joined.hour.count, sum(joined.minutes), joined.growth) == (3, 3.0, None)


def test_every_declared_series_is_there_before_anything_happened():
    taken = snapshot(now())
    assert {"queue_wait_time", "webrtc_connection_time", "job_processing_time"} <= {one.name for one in taken.trends}
    assert trend(taken, "queue_wait_time").hour.p95 is None
    assert {"active_spans", "queue_length"} <= {gauge.name for gauge in taken.gauges}


def test_fix_first_names_what_is_slow_but_not_the_waits_of_customers():
    profiler.record("page.render", 250)
    profiler.record("page.parse", 5)
    profiler.record("queue_wait_time", 60_000)
    buffer.flush()
    taken = snapshot(now())
    assert [row.name for row in taken.fix_first] == ["page.render"]
    assert taken.fix_first == [row for row in bottlenecks().rows if row.name == "page.render"]
    assert taken.slow == 1


def test_a_name_with_a_threshold_of_its_own_is_slow_only_beyond_it(settings):
    settings.BOTTLENECK_THRESHOLDS = [("page.*", 300.0)]
    profiler.record("page.render", 250)
    profiler.record("page.parse", 350)
    buffer.flush()
    taken = snapshot(now())
    assert ([row.name for row in taken.fix_first], taken.slow) == (["page.parse"], 1)


def test_a_healthy_desk_gets_one_good_sentence():
    make_process(at=now())
    assert levels(snapshot(now())) == ["good"]


def test_no_worker_and_failed_jobs_are_bad_and_come_first():
    profiler.record("page.render", 250)
    buffer.flush()
    make_run(at=now() - timedelta(minutes=5), status="failed")
    found = verdicts(snapshot(now()))
    assert [verdict.level for verdict in found] == ["bad", "bad", "warn"]
    assert "No job worker is running" in found[0].text
    assert found[1].text == "1 job run failed in the last hour."
    assert found[2].text == "1 operation has a 95th percentile over its threshold in the last hour."


def test_a_job_that_waits_long_while_a_worker_lives_is_a_warning():
    make_process(at=now())
    OrmQ.objects.create(key="adminara", payload="", lock=now() - timedelta(minutes=2))
    (verdict,) = verdicts(snapshot(now()))
    assert (verdict.level, "2 min" in verdict.text) == ("warn", True)


def test_times_that_doubled_are_a_warning_only_when_enough_was_measured():
    make_process(at=now())
    moment = time.time()
    for _ in range(20):
        record_duration("queue_wait_time", {}, moment - 60, 3000)
        record_duration("queue_wait_time", {}, moment - 5400, 1000)
        record_duration("webrtc_connection_time", {"role": "staff"}, moment - 60, 3000)
    record_duration("webrtc_connection_time", {"role": "staff"}, moment - 5400, 1000)
    buffer.flush()
    (verdict,) = verdicts(snapshot(now()))
    assert verdict.text == "Customer queue wait time is 3.0 times that of the hour before (95th percentile)."


def test_shed_and_failed_telemetry_is_told():
    make_process(at=now(), shed=7, failures=1)
    shed, failed = verdicts(snapshot(now()))
    assert shed.text.startswith("7 telemetry records were shed")
    assert failed.text.startswith("Telemetry failed 1 time ")


def test_the_data_is_complete_up_to_the_last_word_of_the_slowest_process():
    moment = now()
    make_process(at=moment - timedelta(seconds=9))
    make_process("web", at=moment)
    assert snapshot(moment).complete_until == moment - timedelta(seconds=9)
