"""Attempts at jobs: recorded from start to end, tried again, closed when their process died."""

import time
from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage

from monitoring import profiler, run_job, start_span
from monitoring.models import JobRun, Span, Writer
from monitoring.queueing import enqueue, sync_schedules
from monitoring.retries import pause, retry
from monitoring.store import compaction, figures
from monitoring.store.interrupted import _close, close_interrupted
from monitoring.store.living import living
from monitoring.tracing.active import active_spans
from monitoring.tracing.rows import open_span
from tests import trial_jobs

pytestmark = pytest.mark.django_db


def test_a_failed_job_is_recorded_and_raises(telemetry):
    with pytest.raises(ValueError, match="never works"):
        run_job(trial_jobs.fail)
    telemetry.flush()
    run = JobRun.objects.get()
    assert (run.status, run.source, run.attempt) == ("failed", "command", 1)
    assert "never works" in run.outcome
    counts = {s.labels: s.histogram.count for s in figures.since_the_beginning(("counter",)) if s.name == "jobs_total"}
    assert counts == {(("job_name", "fail"), ("result", "failed")): 1}


def test_a_job_in_the_queue_waits_with_the_trace_that_enqueued_it(telemetry):
    enqueue(trial_jobs.slow, 3)
    task = SignedPackage.loads(OrmQ.objects.get().payload)
    assert task["args"] == (3,)
    (span,) = [record.readable() for record in telemetry._records]
    assert f"{span.context.trace_id:032x}" in task["adminara"]["carrier"]["traceparent"]


def test_pauses_between_attempts_grow(settings):
    settings.JOB_RETRY_PAUSE = 2
    assert [pause(attempt).total_seconds() for attempt in (1, 2, 3, 4)] == [2, 4, 8, 16]


def test_the_last_attempt_is_the_last(settings):
    settings.JOB_MAX_ATTEMPTS = 3
    task = {"id": "t", "name": "fail", "func": "tests.trial_jobs.fail", "args": (), "kwargs": {}}
    assert retry(task | {"adminara": {"carrier": {}, "enqueued_at": 0, "attempt": 2}})
    assert not retry(task | {"adminara": {"carrier": {}, "enqueued_at": 0, "attempt": 3}})
    waiting = OrmQ.objects.get()
    assert waiting.lock > now()
    assert SignedPackage.loads(waiting.payload)["adminara"]["attempt"] == 3


def writer(**values):
    times = {"started_at": now() - timedelta(hours=1), "seen_at": now()}
    return Writer.objects.create(**({"id": "w", "host": "h", "pid": 1, "role": "worker"} | times | values))


def running(**values):
    began = now() - timedelta(minutes=5)
    facts = {"id": "r", "task_id": "t", "name": "slow", "func": "tests.trial_jobs.slow", "source": "worker"}
    ids = {"trace_id": "a" * 32, "span_id": "b" * 16, "writer": "w", "status": "running"}
    return JobRun.objects.create(**(facts | ids | {"enqueued_at": began, "started_at": began} | values))


def open_for(minutes, name="job.slow"):
    """What a heartbeat tells of a span that was opened so long ago."""
    with start_span(name) as span:
        return open_span(span) | {"started": time.time() - 60 * minutes}


def test_what_was_open_in_a_process_that_died_is_closed_once():
    writer(seen_at=now() - timedelta(minutes=4), open_spans=[open_for(5), open_for(4.5, "desk.claim")])
    running()
    assert close_interrupted(now()) == 1
    assert JobRun.objects.get().status == "interrupted"
    closed = {span.name: span for span in Span.objects.filter(status="interrupted")}
    assert closed["job.slow"].duration_ms == pytest.approx(60_000, rel=0.01)
    assert closed["desk.claim"].duration_ms == pytest.approx(30_000, rel=0.01)
    assert Writer.objects.get().open_spans == []
    assert close_interrupted(now()) == 0


def test_a_living_process_keeps_its_spans_open():
    writer(open_spans=[open_for(5)])
    close_interrupted(now())
    assert not Span.objects.exists()


def test_a_span_that_ends_after_all_says_how_it_ended(telemetry):
    profiler.record("work", 1)
    with start_span("operation"):
        telemetry.flush()
        Writer.objects.update(seen_at=now() - timedelta(minutes=1), open_spans=[open_span(active_spans.oldest(1)[0])])
        close_interrupted(now())
        assert Span.objects.get().status == "interrupted"
    telemetry.flush()
    assert Span.objects.get().status == "unset"


def test_a_heartbeat_tells_of_open_spans(telemetry):
    profiler.record("work", 1)
    with start_span("request"), start_span("query"):
        telemetry.flush()
    assert [span["name"] for span in Writer.objects.get().open_spans] == ["request", "query"]
    assert Writer.objects.get().open_spans[1]["parent_id"] == Writer.objects.get().open_spans[0]["span_id"]
    telemetry.flush()
    assert Writer.objects.get().open_spans == []


def interruptions_counted():
    labels = ("result", "interrupted")
    return sum(one.histogram.count for one in figures.since_the_beginning(["counter"]) if labels in one.labels)


def test_an_interrupted_run_is_counted_once():
    for run in ("a", "b"):
        running(id=run)
    running(id="c", name="fast", started_at=now())
    counted = []
    for later in (-11, 0, 11, 60, 71, 82):
        compaction.compact_if_due(time.time() + later)
        counted.append(interruptions_counted())
    assert counted == [0, 2, 2, 2, 3, 3]


def test_after_an_outage_the_living_have_time_to_say_so():
    """Nobody could write for a minute, so nobody was seen: the first round after it closes nothing."""
    moment = time.time()
    beats = writer(seen_at=now() - timedelta(minutes=1))
    running()
    compaction.compact_if_due(moment - 60)
    compaction.compact_if_due(moment)
    assert JobRun.objects.get().status == "running"
    Writer.objects.filter(pk=beats.pk).update(seen_at=now())
    compaction.compact_if_due(moment + 10)
    assert JobRun.objects.get().status == "running"


def test_a_run_that_ended_meanwhile_is_not_closed():
    run = running()
    JobRun.objects.update(status="success")
    assert not _close(run)
    assert JobRun.objects.get().status == "success"


def test_a_run_of_a_living_process_goes_on():
    writer()
    running()
    assert close_interrupted(now()) == 0
    assert JobRun.objects.get().status == "running"


def test_a_process_that_ended_or_fell_silent_is_not_living():
    writer()
    writer(id="ended", ended=True)
    writer(id="silent", seen_at=now() - timedelta(seconds=30))
    assert [w.pk for w in living(now())] == ["w"]


def test_schedules_are_those_of_the_table_and_nothing_else(settings):
    Schedule.objects.create(name="forgotten", func="x.y", schedule_type=Schedule.ONCE)
    assert sync_schedules() == len(settings.JOB_SCHEDULES)
    before = {s.name: s.next_run for s in Schedule.objects.all()}
    assert set(before) == {name for name, *_ in settings.JOB_SCHEDULES}
    sync_schedules()
    assert {s.name: s.next_run for s in Schedule.objects.all()} == before


def test_schedules_run_when_the_old_system_said():
    sync_schedules()
    sunday_midnight = Schedule.objects.get(name="turn_rotation").next_run
    assert (sunday_midnight.weekday(), sunday_midnight.hour, sunday_midnight.minute) == (6, 0, 0)
    nightly = Schedule.objects.get(name="anonymize_sessions").next_run
    assert (nightly.weekday(), nightly.hour, nightly.minute) == (6, 3, 0)
    hourly = Schedule.objects.get(name="delete_old_logs").next_run  # the old system's ran once a day, over fewer rows
    assert (hourly - now()).total_seconds() <= 3600
