"""Jobs through real workers: their traces, their retries, and what a kill leaves behind."""

import os
import signal
import time

import pytest

from tests import programs
from tests.server import serving

FAST = {"JOB_TIMEOUT": "20", "JOB_REDELIVERY": "21", "JOB_RETRY_PAUSE": "1", "JOB_MAX_ATTEMPTS": "3"}

PRELUDE = """
import django, sys
django.setup()
from monitoring import enqueue, start_span
from monitoring.models import JobRun
"""


def inside(server, code: str) -> str:
    """Run code as the installation's own program, in a process that ends."""
    environment = server.environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings"}
    result = programs.run(["-c", PRELUDE + code], environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def enqueue(server, job: str, *args: object) -> str:
    """Enqueue a job inside a span that stands for a web request; returns the trace's id."""
    code = "with start_span('request') as span:\n"
    code += f"    enqueue('tests.trial_jobs.{job}', *{args!r})\n"
    return inside(server, code + "print(f'{span.get_span_context().trace_id:032x}')")


def runs(server, job: str) -> list[tuple]:
    return server.telemetry(
        "SELECT status, attempt, trace_id, outcome, writer FROM monitoring_jobrun"
        f" WHERE name = '{job}' ORDER BY started_at"
    )


def wait_for(answer, within_s: float = 30.0):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := answer():
            return found
        time.sleep(0.3)
    raise AssertionError(f"Nothing after {within_s} s")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("jobs"), "qcluster", **FAST) as running:
        yield running


def test_a_jobs_trace_begins_at_the_request_and_shows_the_wait(server):
    trace_id = enqueue(server, "quick")
    wait_for(lambda: [run for run in runs(server, "quick") if run[0] == "success"])
    (run,) = runs(server, "quick")
    assert run[:4] == ("success", 1, trace_id, "done")
    names = server.telemetry(
        f"SELECT name FROM monitoring_span WHERE trace_id = '{trace_id}' AND kind <> 'client' ORDER BY started_at"
    )  # statements that a busy machine made slow are none of it
    assert names == [("request",), ("enqueue.quick",), ("job.wait",), ("job.quick",)]
    measured = inside(
        server,
        "from monitoring.models import Measure\n"
        "print(Measure.objects.get(series__name='job_processing_time', series__labels__contains='quick').trace_id)",
    )
    assert measured == trace_id  # the job's span was the current one while it ran


def test_a_failing_job_is_tried_again_with_growing_pauses_and_stays_visible(server):
    trace_id = enqueue(server, "fail")
    wait_for(lambda: len(runs(server, "fail")) == 3)
    time.sleep(1)
    attempts = runs(server, "fail")
    assert [(status, attempt, trace) for status, attempt, trace, *_ in attempts] == [
        ("failed", number, trace_id) for number in (1, 2, 3)
    ]
    assert "never works" in attempts[-1][3]
    starts = inside(
        server, "print(*[r.started_at.timestamp() for r in JobRun.objects.filter(name='fail').order_by('started_at')])"
    )
    first, second, third = map(float, starts.split())
    assert third - second > second - first >= 1


def test_a_job_whose_worker_is_killed_runs_again_and_the_broken_span_shows(server):
    trace_id = enqueue(server, "slow", 3)
    (run,) = wait_for(lambda: [run for run in runs(server, "slow") if run[0] == "running"])
    ((pid,),) = server.telemetry(f"SELECT pid FROM monitoring_writer WHERE id = '{run[4]}'")
    os.kill(pid, signal.SIGKILL)  # before the three seconds are over, on a busy machine as well
    done = wait_for(lambda: {r[0]: r for r in runs(server, "slow")}.get("success"), within_s=60)
    assert done[3] == "slept 3 s"
    wait_for(lambda: [r for r in runs(server, "slow") if r[0] == "interrupted"], within_s=45)
    job_spans = f"monitoring_span WHERE trace_id = '{trace_id}' AND name = 'job.slow'"
    assert server.telemetry(f"SELECT status FROM {job_spans} ORDER BY status") == [("interrupted",), ("unset",)]


def test_what_was_due_while_no_workers_ran_is_run_when_they_start(tmp_path):
    with serving(tmp_path, **FAST) as server:
        due = "from django_q.models import Schedule; from django.utils.timezone import now"
        inside(server, f"{due}; Schedule.objects.filter(name='turn_upkeep').update(next_run=now())")
        server.start("qcluster")
        wait_for(lambda: runs(server, "turn_upkeep"), within_s=25)  # django-q2's own first look is after 30 s


def test_a_job_that_waits_for_longer_than_the_redelivery_runs_once(tmp_path):
    with serving(tmp_path, "qcluster", **FAST | {"JOB_TIMEOUT": "3", "JOB_REDELIVERY": "4"}) as server:
        jobs = range(8)
        inside(server, f"for number in {jobs}: enqueue('tests.trial_jobs.numbered', number, 2)")
        wait_for(lambda: len([run for run in runs(server, "numbered") if run[0] == "success"]) >= len(jobs))
        time.sleep(4)  # until what was handed out again would have run
        assert sorted(run[3] for run in runs(server, "numbered")) == [f"number {number}" for number in jobs]


def test_a_running_job_may_end_before_the_workers_stop(tmp_path):
    with serving(tmp_path, "qcluster", **FAST) as server:
        enqueue(server, "slow", 2)
        wait_for(lambda: runs(server, "slow"))
        assert server.stop("qcluster") == 0
        assert [run[0] for run in runs(server, "slow")] == ["success"]


def test_a_job_that_takes_too_long_does_not_hold_up_the_stop(tmp_path):
    with serving(tmp_path, "qcluster", **FAST) as server:
        enqueue(server, "slow", 60)
        wait_for(lambda: runs(server, "slow"))
        server.stop("qcluster", within_s=15)
        assert [run[0] for run in runs(server, "slow")] == ["running"]  # until its process is found to be dead


def test_workers_killed_while_idle_are_replaced_by_ones_that_work(tmp_path):
    with serving(tmp_path, "qcluster", **FAST) as server:
        pids = wait_for(lambda: server.telemetry("SELECT pid FROM monitoring_writer WHERE role = 'worker'"))
        os.kill(pids[0][0], signal.SIGKILL)
        enqueue(server, "quick")
        # The one that was killed may have had it in its hands: then it comes again after JOB_REDELIVERY.
        assert wait_for(lambda: [run for run in runs(server, "quick") if run[0] == "success"], within_s=60)
