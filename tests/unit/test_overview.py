"""The overview's numbers, and the sentences made of them."""

import time
from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_q.models import OrmQ

from monitoring import verdict
from monitoring.models import StoreSize
from monitoring.panel.bottlenecks import bottlenecks
from monitoring.panel.overview import overview
from monitoring.panel.strip import strip
from monitoring.panel.verdicts import verdicts
from monitoring.profiler import profiler
from monitoring.recording import count, record_duration
from monitoring.store import growth
from monitoring.store.buffer import buffer
from monitoring.store.sizes import Size
from monitoring.verdict import Verdict
from tests.telemetry import make_process, make_run

pytestmark = pytest.mark.django_db
GB = 10**9


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
    taken = overview(now())
    jobs = trend(taken, "job_processing_time")
    assert (jobs.recent.count, jobs.hour.count, jobs.before.count) == (1, 2, 1)
    assert jobs.recent.p95 == pytest.approx(100, rel=0.011)
    assert jobs.growth == pytest.approx(4, rel=0.03)
    assert len(jobs.minutes) == 61  # the first and the last in part
    assert sum(point is not None for point in jobs.minutes) == 2
    joined = trend(taken, "customers_joined_total")
    assert (joined.hour.count, sum(joined.minutes), joined.growth) == (3, 3.0, None)


def test_every_declared_series_is_there_before_anything_happened():
    taken = overview(now())
    assert {"queue_wait_time", "webrtc_connection_time", "job_processing_time"} <= {one.name for one in taken.trends}
    assert trend(taken, "queue_wait_time").hour.p95 is None
    assert {"active_spans", "queue_length", "service_level_ratio"} - {gauge.name for gauge in taken.gauges} == {
        "service_level_ratio"  # a rate of nobody is no number
    }


def test_fix_first_names_what_is_slow_but_not_the_waits_of_customers():
    profiler.record("page.render", 250)
    profiler.record("page.parse", 5)
    profiler.record("queue_wait_time", 60_000)
    buffer.flush()
    taken = overview(now())
    (fix,) = taken.fix_first
    assert [fix.row] == [row for row in bottlenecks().rows if row.name == "page.render"]
    assert [point for point in fix.minutes if point is not None] == [pytest.approx(250, rel=0.011)]


def test_a_name_with_a_threshold_of_its_own_is_slow_only_beyond_it(settings):
    settings.BOTTLENECK_THRESHOLDS = [("page.*", 300.0)]
    profiler.record("page.render", 250)
    profiler.record("page.parse", 350)
    buffer.flush()
    assert [fix.row.name for fix in overview(now()).fix_first] == ["page.parse"]


def test_a_healthy_desk_gets_one_good_sentence():
    make_process(at=now())
    assert levels(overview(now())) == ["good"]


def test_no_worker_and_failed_jobs_are_bad_and_come_first():
    profiler.record("page.render", 250)
    buffer.flush()
    make_run(at=now() - timedelta(minutes=5), status="failed")
    found = verdicts(overview(now()))
    assert [(verdict.rule, verdict.level) for verdict in found] == [
        *(("no_worker", "bad"), ("jobs_fail", "bad"), ("over", "warn")),
    ]
    assert found[1].text == "1 job run failed in the last hour."
    assert [(one.name, one.figure, one.link) for one in found[1].offenders] == [
        ("session_cleanup", "1", "/admin/monitoring/panel/jobs/session_cleanup/")
    ]
    assert found[2].text == "1 operation has a 95th percentile over its threshold in the last hour."
    assert found[2].offenders[0].link == "/admin/monitoring/panel/bottlenecks/name/?kind=measure&name=page.render"
    assert all(verdict.remedy for verdict in found)


def test_a_job_that_waits_long_while_a_worker_lives_is_a_warning():
    make_process(at=now())
    OrmQ.objects.create(key="adminara", payload="", lock=now() - timedelta(minutes=2))
    (verdict,) = verdicts(overview(now()))
    assert (verdict.level, "2 min" in verdict.text) == ("warn", True)


def measured(name, now_ms, before_ms, count=80, **labels):
    moment = time.time()
    for _ in range(count):
        record_duration(name, labels, moment - 60, now_ms)
        record_duration(name, labels, moment - 5400, before_ms)


def test_times_that_doubled_are_a_warning_only_when_enough_was_measured():
    make_process(at=now())
    measured("queue_wait_time", 3000, 1000)
    measured("webrtc_connection_time", 3000, 1000, count=10, role="staff")
    buffer.flush()
    (verdict,) = verdicts(overview(now()))
    assert verdict.text == "Customer queue wait time is 3.0 times that of the hour before (95th percentile)."
    assert verdict.offenders[0].figure == "p95 3.00 s, before 1.00 s"


def test_a_slow_name_that_got_slower_is_told_apart_from_one_that_always_is():
    make_process(at=now())
    measured("page.render", 900, 300)
    measured("page.parse", 300, 300)
    measured("page.quick", 20, 5)
    buffer.flush()
    slower, over = verdicts(overview(now()))
    assert slower.text == "1 slow operation got slower than in the hour before."
    assert [(one.name, one.figure) for one in slower.offenders] == [("page.render", "p95 900 ms, before 300 ms")]
    assert [one.name for one in over.offenders] == ["page.parse"]


def test_what_was_shed_and_failed_in_the_last_hour_is_told_with_the_processes_to_blame():
    make_process("web", at=now(), pid=7, shed=7, failures=1)
    make_process(at=now())
    count("telemetry_records_shed_total", 7)
    count("telemetry_failures_total")
    buffer.flush()
    shed, failed = verdicts(overview(now()))
    assert shed.text.startswith("7 telemetry records were shed")
    assert failed.text.startswith("Telemetry failed 1 time ")
    assert [(one.name, one.figure) for one in shed.offenders] == [("web 7", "7")]


def test_workers_that_are_silent_late_or_dead_are_named():
    moment = now()
    make_process("web", at=moment, pid=1)
    make_process(at=moment - timedelta(minutes=5), pid=2)
    missing, died = verdicts(overview(moment))
    assert (missing.rule, died.rule) == ("no_worker", "died")
    assert [(one.name, one.figure) for one in missing.offenders] == [("worker 2", "last seen 5 min 00 s ago")]
    make_process(at=moment - timedelta(seconds=15), pid=3)
    late, died = verdicts(overview(moment))
    assert (late.rule, [one.name for one in late.offenders]) == ("late", ["worker 3"])


@pytest.mark.parametrize(
    ("grown", "free", "level"),
    [(0, 50, "good"), (7, 50, "good"), (7, 5, "warn"), (7, 2, "bad"), (0, 0.5, "bad")],
)
def test_the_days_that_the_disk_will_do_are_counted_from_the_growth_of_the_last_week(monkeypatch, grown, free, level):
    """Bytes are in GB: what grows by one a day has as many days as it has room."""
    make_process(at=now())
    size = [Size(3 * GB, free * GB)]
    monkeypatch.setattr(growth, "everything", lambda: size[0])
    growth.note(now() - timedelta(days=7) + timedelta(seconds=1))
    size[0] = Size((3 + grown) * GB, free * GB)
    (verdict,) = verdicts(overview(now()))
    assert verdict.level == level
    if level != "good":
        assert verdict.rule == "disk"
        assert ("enough for" in verdict.text) == bool(grown)


def test_the_growth_of_a_few_hours_says_nothing(monkeypatch):
    monkeypatch.setattr(growth, "everything", lambda: Size(GB, 10 * GB))
    growth.note(now() - timedelta(hours=5))
    assert growth.outlook(now()).days is None
    growth.note(now() + growth.KEPT)
    assert StoreSize.objects.count() == 1


def test_what_two_rules_say_in_the_same_words_is_said_once(monkeypatch):
    monkeypatch.setattr(verdict, "rules", [lambda _now: [Verdict("bad", "No job worker is running, so jobs wait.")]])
    (told,) = verdicts(overview(now()))
    assert told.rule == "no_worker"


def test_the_strip_tells_the_numbers_that_stand_first():
    make_process(at=now())
    OrmQ.objects.create(key="adminara", payload="", lock=now() - timedelta(minutes=2))
    seen = strip(now())
    titles = ["Waiting", "Longest wait", "In calls", "Staff on duty", "Staff free", "Job workers"]
    assert [number.title for number in seen.numbers] == titles
    assert (seen.numbers[-1].value, seen.jobs_waiting) == (1, 1)


def test_the_data_is_complete_up_to_the_last_word_of_the_slowest_process():
    moment = now()
    make_process(at=moment - timedelta(seconds=9))
    make_process("web", at=moment)
    assert overview(moment).complete_until == moment - timedelta(seconds=9)


def test_two_web_servers_that_cannot_hear_each_other_are_bad_and_with_redis_they_are_not(settings):
    for role in ("worker", "web", "web"):
        make_process(role=role, at=now())
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    (found,) = verdicts(overview(now()))
    assert (found.level, found.rule, len(found.offenders)) == ("bad", "cut_off", 2)
    assert "REDIS_URL" in found.remedy
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}
    assert levels(overview(now())) == ["good"]
