"""What the jobs page reads: runs by the page, jobs by name, the queue by its states, workers."""

from datetime import timedelta

import pytest
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from monitoring.errors import BadParameter, NotFound
from monitoring.job_arguments import packed
from monitoring.panel import job_list, job_queue, job_runs
from monitoring.panel.job_board import Asked, board, jobs_now
from monitoring.panel.job_page import job_page
from monitoring.panel.job_run import run_page
from monitoring.panel.job_runs import RunFilters
from monitoring.panel.job_times import times
from monitoring.panel.job_workers import workers
from monitoring.queueing import sync_schedules
from monitoring.recording import record_duration
from monitoring.store.buffer import buffer
from tests.factories import NOON, SECOND
from tests.telemetry import make_process, make_run

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def runs(**asked):
    return job_runs.page(RunFilters(NOON - 30 * DAY, NOON + DAY, **asked))


def make_task(job="quick", lock=NOON, attempt=1, due=None, args=(), **more):
    """A task on the queue; `due` is when a retry planned it for."""
    ours = {"carrier": {}, "enqueued_at": (due or NOON - SECOND).timestamp(), "attempt": attempt}
    task = {
        "id": "t" * 32,
        "name": job,
        "func": f"tests.trial_jobs.{job}",
        "args": args,
        "kwargs": {},
        "adminara": ours,
    }
    return OrmQ.objects.create(key="adminara", payload=SignedPackage.dumps(task | more), lock=lock)


def test_runs_come_newest_first_with_their_waits_and_times():
    make_run("queue_sweep", outcome="Nothing to do.")
    make_run("session_cleanup", NOON + SECOND, status="running", finished_at=None, enqueued_at=NOON + 2 * SECOND)
    running, ended = runs().rows
    assert (running.name, running.wait_ms, running.run_ms, running.retriable) == ("session_cleanup", 0.0, None, False)
    assert (ended.name, ended.wait_ms, ended.run_ms, ended.outcome) == ("queue_sweep", 50.0, 200.0, "Nothing to do.")


def test_runs_can_be_those_of_one_job_with_one_status_in_one_window():
    make_run("queue_sweep")
    make_run("session_cleanup", status="failed")
    make_run("turn_upkeep", NOON - 40 * DAY)
    assert [run.name for run in runs(name="queue_sweep").rows] == ["queue_sweep"]
    assert [run.name for run in runs(status="failed").rows] == ["session_cleanup"]
    assert job_runs.counts(RunFilters(NOON - DAY, NOON)) == {
        "running": 0,
        "success": 1,
        "failed": 1,
        "interrupted": 0,
        "discarded": 0,
    }
    with pytest.raises(BadParameter, match="status=well"):
        runs(status="well")


def test_pages_go_on_where_the_one_before_ended_also_within_one_moment():
    made = {make_run(at=NOON - SECOND * (number // 3)).pk for number in range(10)}
    page, seen = runs(size=4), []
    while page.older:
        seen += [run.id for run in page.rows]
        page = runs(size=4, before=page.older)
    seen += [run.id for run in page.rows]
    assert (len(seen), set(seen)) == (10, made)
    with pytest.raises(BadParameter, match="before=yesterday"):
        runs(before="yesterday")


def test_a_failed_run_whose_task_was_begun_again_is_not_retriable():
    for number, status in enumerate(("failed", "failed", "success"), 1):
        make_run(at=NOON + number * SECOND, status=status, attempt=number, task_id="one")
    make_run(at=NOON, status="interrupted", task_id="other")
    assert [(run.attempt, run.retriable, run.followed) for run in runs(status="failed").rows] == [
        *((2, False, True), (1, False, True))
    ]
    assert [run.retriable for run in runs(status="interrupted").rows] == [True]


def test_each_job_tells_when_it_runs_its_last_result_and_its_day(settings):
    sync_schedules()
    make_run("session_cleanup", NOON - timedelta(hours=30), status="failed")
    make_run("session_cleanup", NOON - timedelta(hours=2), status="interrupted")
    make_run("session_cleanup", NOON - timedelta(hours=1))
    make_run("of old", NOON - timedelta(days=2))
    rows = {job.name: job for job in job_list.jobs(NOON)}
    assert list(rows) == [*(name for name, *_ in settings.JOB_SCHEDULES), *settings.JOBS_ON_DEMAND, "of old"]
    cleanup = rows["session_cleanup"]
    assert (cleanup.cron, cleanup.when) == ("0 * * * *", "every hour, on the hour")
    assert (cleanup.runs, cleanup.failures, cleanup.last.status) == (2, 1, "success")
    assert cleanup.next_run is not None
    assert (rows["notify_staff"].scheduled, rows["notify_staff"].last) == (False, None)


def test_what_waits_is_told_from_what_a_worker_holds():
    OrmQ.objects.create(key="adminara", payload="", lock=NOON - SECOND)
    OrmQ.objects.create(key="adminara", payload="", lock=NOON + SECOND)
    assert job_queue.waiting(NOON) == job_queue.Waiting(due=1, later=1, oldest=NOON - SECOND)


def test_the_queue_tells_what_waits_what_is_taken_and_what_pauses():
    make_task(lock=NOON - 3 * SECOND)
    make_task(lock=NOON + 90 * SECOND)
    make_task("fail", lock=NOON + 8 * SECOND, due=NOON + 8 * SECOND, attempt=3)
    assert job_queue.waiting(NOON) == job_queue.Waiting(due=1, later=2, oldest=NOON - 3 * SECOND)
    paused, taken = job_queue.page(NOON, "later", "", "", 50).rows
    assert (paused.name, paused.attempt, paused.due, paused.task_id) == ("fail", 3, NOON + 8 * SECOND, "t" * 32)
    assert [(row.name, row.state) for row in (paused, taken)] == [("fail", "paused"), ("quick", "taken")]
    assert job_queue.page(NOON, "waiting", "fail", "", 50).rows == []


@pytest.mark.parametrize(
    "payload",
    ["", "no package", SignedPackage.dumps(["list"]), SignedPackage.dumps({"id": "7"})],
    ids=["empty", "unsigned", "a list", "half a task"],
)
def test_a_row_that_cannot_be_read_says_so(payload):
    OrmQ.objects.create(key="adminara", payload=payload, lock=NOON)
    (row,) = job_queue.page(NOON, "waiting", "", "", 50).rows
    assert (row.readable, row.name, row.task_id, row.enqueued_at) == (False, "", "", None)
    assert row.figures()["readable"] is False


def test_the_queues_pages_hold_every_row_once(monkeypatch):
    monkeypatch.setattr(job_queue, "SEARCHED", 5)
    made = [make_task("fail" if number % 3 == 0 else "quick", NOON - SECOND * (number // 2)).pk for number in range(14)]
    seen, after = [], ""
    while True:
        page = job_queue.page(NOON, "waiting", "fail", after, 2)
        seen += [row.id for row in page.rows]
        if not (after := page.next):
            break
    assert sorted(seen) == made[::3]
    with pytest.raises(BadParameter, match="before=x"):
        job_queue.page(NOON, "waiting", "", "x", 2)


def test_the_times_of_one_job_are_read_apart_from_those_of_all():
    for name, ms in (("quick", 100.0), ("slow", 9_000.0)):
        for kind, factor in (("job_processing_time", 1), ("job_wait_time", 2)):
            record_duration(kind, {"job_name": name}, NOON.timestamp(), factor * ms)
    buffer.flush()
    until = NOON.timestamp() + 60
    one, everything = times(until - 3600, until, until, "quick"), times(until - 3600, until, until)
    assert (one.run.count, one.run.max, one.wait.max) == (1, 100.0, 200.0)
    assert (everything.run.count, everything.run.max, everything.wait.max) == (2, 9_000.0, 18_000.0)
    assert one.run.p95 == pytest.approx(100, rel=0.011)
    curve = everything.plots[1].curves[2]
    assert [point for point in curve.points if point is not None] == [9_000.0]
    assert len(curve.points) == 31
    assert times(until - 3600, until, until, "nothing").run.p50 is None


@pytest.mark.parametrize(
    ("hours", "step"), [(0.25, 60), (1, 120), (6, 1200), (24, 3600), (7 * 24, 21_600), (30 * 24, 86_400)]
)
def test_a_longer_window_has_longer_steps(hours, step):
    now = NOON.timestamp()
    found = times(now - hours * 3600, now, now)
    assert (found.step, len(found.plots[0].curves[0].points) <= 31) == (step, True)


def test_workers_tell_what_they_run_and_who_died():
    busy, idle = make_process(at=NOON), make_process("scheduler", NOON, pid=2)
    make_process("web", NOON)
    dead = make_process(at=NOON - HOUR, pid=3)
    make_process(at=NOON - HOUR, ended=True)
    make_process(at=NOON - 2 * DAY)
    make_run("slow", NOON - 7 * SECOND, status="running", finished_at=None, writer=busy.pk)
    found = workers(NOON)
    assert [(one.role, one.job.name if one.job else "") for one in found.living] == [
        ("worker", "slow"),
        ("scheduler", ""),
    ]
    assert (found.living[0].job.ms, found.working, idle.pid) == (7_000.0, True, found.living[1].pid)
    assert [(one.pid, one.silent_s) for one in found.dead] == [(dead.pid, 3600.0)]


def test_without_a_worker_a_scheduler_alone_works_at_nothing():
    make_process("scheduler", NOON)
    assert not jobs_now(NOON).workers.working


def test_a_jobs_page_tells_its_share_of_successes_its_strip_and_its_last_failure():
    for number, status in enumerate(("success", "failed", "interrupted", "success", "discarded")):
        make_run("turn_upkeep", NOON - number * HOUR, status=status, finished_at=NOON - number * HOUR + number * SECOND)
    found = job_page("turn_upkeep", NOON - DAY, NOON)
    assert (found.ended, found.success, found.last_failure.at) == (4, 0.5, NOON - HOUR)
    assert (found.job.when, len(found.next_runs)) == ("every 10 minutes", 5)
    assert (found.code.func, found.code.path) == ("sessions_app.jobs.turn_upkeep", "sessions_app/jobs.py")
    assert [column.status for column in found.strip.columns] == [
        *("discarded", "success", "interrupted", "failed", "success")
    ]
    assert max(float(column.height) for column in found.strip.columns) == 48.0
    assert "2 failed or were interrupted; the longest took 4.00 s" in found.strip.said


def test_a_job_that_never_ran_has_a_page_and_one_that_nobody_knows_has_none():
    found = job_page("notify_staff", NOON - DAY, NOON)
    assert (found.strip, found.code, found.success, found.last_failure) == (None, None, None, None)
    with pytest.raises(NotFound, match="no_such_job"):
        job_page("no_such_job", NOON - DAY, NOON)


def test_a_runs_page_shows_its_attempts_and_folds_its_traceback():
    outcome = 'bad token : Traceback (most recent call last):\n  File "x", line 1\nValueError: bad token\n'
    first = make_run(status="failed", task_id="one", outcome=outcome, writer=make_process().pk)
    make_run(at=NOON + SECOND, task_id="one", attempt=2)
    make_run(at=NOON + SECOND, task_id="other")
    found = run_page(first.pk)
    assert (found.run.said, found.run.traceback.splitlines()[-1]) == ("bad token", "ValueError: bad token")
    assert [attempt.attempt for attempt in found.attempts] == [1, 2]
    assert found.worker.startswith("worker 1")
    with pytest.raises(NotFound, match="nobody"):
        run_page("nobody")


def test_a_runs_page_hides_arguments_and_what_quotes_them():
    run = make_run("quick", status="failed", func="tests.trial_jobs.told", outcome="ValueError: cy@example.org is bad")
    run.args = packed(["cy@example.org", 7], {"colour": "red"})
    run.save()
    found = run_page(run.pk)
    assert [(one.name, one.value, one.hidden) for one in found.arguments] == [
        *(("contact", "[redacted]", True), ("size", "7", False), ("colour", '"red"', False))
    ]
    assert found.run.said == "ValueError: [redacted] is bad"
    assert "cy@example.org" not in str(found.figures()) + str(runs().rows)


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    for number in range(20):
        make_run(f"job {number}", status="failed")
    with django_assert_max_num_queries(14, using="telemetry"):
        assert len(board(Asked(window="30d"), NOON).runs) == 20


@pytest.mark.parametrize("wrong", [{"status": "well"}, {"size": "51"}, {"window": "soon"}, {"name": "os.system"}])
def test_what_the_address_may_not_ask_is_named(wrong):
    with pytest.raises(BadParameter):
        board(Asked(**wrong), NOON)
