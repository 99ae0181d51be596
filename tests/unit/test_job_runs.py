"""What the jobs page reads, and what a person may do about jobs."""

from datetime import timedelta

import pytest
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from monitoring.errors import BadParameter, NotFound
from monitoring.models import AuditEntry
from monitoring.panel import job_runs
from monitoring.panel.job_actions import retry, run_now
from monitoring.queueing import sync_schedules
from tests.factories import NOON, SECOND, make_staff
from tests.telemetry import make_run

pytestmark = pytest.mark.django_db


def queued():
    return [SignedPackage.loads(task.payload) for task in OrmQ.objects.all()]


def test_runs_come_newest_first_with_their_waits_and_times():
    make_run("queue_sweep", outcome="Nothing to do.")
    make_run("session_cleanup", NOON + SECOND, status="running", finished_at=None, enqueued_at=NOON + 2 * SECOND)
    running, ended = job_runs.last_runs()
    assert (running.name, running.wait_ms, running.run_ms, running.retriable) == ("session_cleanup", 0.0, None, False)
    assert (ended.name, ended.wait_ms, ended.run_ms, ended.outcome) == ("queue_sweep", 50.0, 200.0, "Nothing to do.")


def test_runs_can_be_those_of_one_job_or_with_one_status():
    make_run("queue_sweep")
    make_run("session_cleanup", status="failed")
    assert [run.name for run in job_runs.last_runs(name="queue_sweep")] == ["queue_sweep"]
    assert [run.name for run in job_runs.last_runs(status="failed")] == ["session_cleanup"]
    with pytest.raises(BadParameter, match="status=well"):
        job_runs.last_runs(status="well")


def test_each_job_tells_its_next_run_its_last_result_and_its_day(settings):
    sync_schedules()
    make_run("session_cleanup", NOON - timedelta(hours=30), status="failed")
    make_run("session_cleanup", NOON - timedelta(hours=2), status="interrupted")
    make_run("session_cleanup", NOON - timedelta(hours=1))
    make_run("of old", NOON - timedelta(days=2))
    rows = {job.name: job for job in job_runs.jobs(NOON)}
    assert list(rows) == [*(name for name, *_ in settings.JOB_SCHEDULES), *settings.JOBS_ON_DEMAND, "of old"]
    cleanup = rows["session_cleanup"]
    assert (cleanup.cron, cleanup.runs, cleanup.failures, cleanup.last.status) == ("0 * * * *", 2, 1, "success")
    assert cleanup.next_run is not None
    assert (rows["notify_staff"].scheduled, rows["notify_staff"].last) == (False, None)


def test_what_waits_is_told_from_what_a_worker_holds():
    OrmQ.objects.create(key="adminara", payload="", lock=NOON - SECOND)
    OrmQ.objects.create(key="adminara", payload="", lock=NOON + SECOND)
    assert job_runs.waiting(NOON) == job_runs.Waiting(due=1, later=1, oldest=NOON - SECOND)


def test_run_now_enqueues_a_scheduled_job_and_leaves_an_audit_entry():
    ana = make_staff()
    run_now(ana, "session_cleanup")
    (task,) = queued()
    assert task["func"] == "sessions_app.jobs.session_cleanup"
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (ana, "job.run", "session_cleanup")
    assert entry.detail == {"task": task["id"]}


@pytest.mark.parametrize("name", ["os.system", "notify_staff", ""])
def test_only_scheduled_jobs_can_be_run(name):
    with pytest.raises(NotFound):
        run_now(None, name)
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_retry_enqueues_the_same_function_with_the_same_arguments(status):
    run = make_run("notify_staff", status=status, args='["a visit", 2]')
    assert retry(make_staff(), run.pk) == "notify_staff"
    (task,) = queued()
    assert (task["func"], list(task["args"])) == ("sessions_app.jobs.notify_staff", ["a visit", 2])
    assert AuditEntry.objects.get().detail == {"run": run.pk, "task": task["id"]}


def test_retry_refuses_what_did_not_fail_what_is_gone_and_what_was_never_there():
    with pytest.raises(BadParameter, match="failed or was interrupted"):
        retry(None, make_run().pk)
    with pytest.raises(BadParameter, match="still exists"):
        retry(None, make_run("gone", status="failed").pk)
    with pytest.raises(NotFound, match="nobody"):
        retry(None, "nobody")
    assert not OrmQ.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_num_queries):
    for number in range(20):
        make_run(f"job {number}")
    with django_assert_num_queries(3, using="telemetry"):
        assert len(job_runs.report(NOON).runs) == 20
