"""Acting on jobs, on the real queue: exactly once, each with its audit entry, and what cannot be done is told."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils.timezone import now
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from monitoring import enqueue
from monitoring.broker import PromptBroker
from monitoring.errors import BadParameter
from monitoring.job_arguments import packed
from monitoring.models import AuditEntry, JobRun
from monitoring.panel.job_actions import Batch, act, new_batch
from monitoring.panel.job_items import items
from monitoring.panel.job_queue import row_of
from monitoring.retries import retry as plan_next
from tests import trial_jobs
from tests.factories import make_staff
from tests.integration.test_broker import silence
from tests.telemetry import make_run

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(Conf, "POLL", 0)


@pytest.fixture
def ana():
    return make_staff("ana")


def queued():
    return [SignedPackage.loads(task.payload) for task in OrmQ.objects.order_by("pk")]


def taken():
    """What a worker takes from the queue."""
    broker = PromptBroker()
    found = broker.dequeue()
    silence(broker._bell)
    return found


def key_of(row):
    return f"queue:{row_of(row, now()).key}"


def do(action, *keys, actor=None, batch=""):
    return act(Batch(actor, action, batch or new_batch(), now()), keys)


def one(action, *keys, **more):
    (result,) = do(action, *keys, **more)
    return result


def failed_with_a_next_attempt(job="fail", attempt=1):
    """A failed run whose next attempt pauses on the queue, as the worker leaves them."""
    enqueue(getattr(trial_jobs, job))
    row = OrmQ.objects.get()
    task = SignedPackage.loads(row.payload)
    row.delete()
    task["adminara"]["attempt"] = attempt
    plan_next(task)
    return make_run(job, now(), status="failed", task_id=task["id"], attempt=attempt, func=f"tests.trial_jobs.{job}")


def test_run_now_enqueues_a_scheduled_job_and_leaves_an_audit_entry(ana):
    result = one("run", "job:session_cleanup", actor=ana)
    (task,) = queued()
    assert (result.done, result.task, task["func"]) == (True, task["id"], "sessions_app.jobs.session_cleanup")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (ana, "job.run", "session_cleanup")
    assert entry.detail["task"] == task["id"]


@pytest.mark.parametrize("name", ["os.system", "notify_staff", ""])
def test_only_scheduled_jobs_can_be_run(name):
    result = one("run", f"job:{name}")
    assert not result.done
    assert "no scheduled job" in result.said
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_retry_enqueues_the_same_function_with_the_same_arguments(ana, status):
    run = make_run(
        "told", status=status, func="tests.trial_jobs.told", attempt=5, args=packed(["a", 2], {"colour": "red"})
    )
    assert one("retry", f"run:{run.pk}", actor=ana).done
    (task,) = queued()
    assert (task["func"], list(task["args"]), task["kwargs"]) == ("tests.trial_jobs.told", ["a", 2], {"colour": "red"})
    assert task["adminara"]["attempt"] == 1
    detail = AuditEntry.objects.get(action="job.retry").detail
    assert (detail["run"], detail["task"]) == (run.pk, task["id"])


def test_many_are_done_at_once_and_share_a_batch_in_the_audit(ana):
    failed = [make_run(status="failed", attempt=5) for _ in range(3)]
    well, gone = make_run(), make_run("gone", status="failed", attempt=5)
    keys = [f"run:{run.pk}" for run in (*failed, well, gone)]
    results = do("retry", *keys, "run:nobody", *keys, actor=ana)
    assert [result.done for result in results] == [True, True, True, False, False, False]
    assert "neither failed nor" in results[3].said
    assert "does not exist any more" in results[4].said
    assert "no such run" in results[5].said
    assert (OrmQ.objects.count(), AuditEntry.objects.count()) == (3, 3)
    assert len({entry.detail["batch"] for entry in AuditEntry.objects.all()}) == 1


def test_a_second_click_and_a_second_person_retry_nothing_twice(ana):
    run, batch = make_run(status="failed", attempt=5), new_batch()
    assert one("retry", f"run:{run.pk}", actor=ana, batch=batch).done
    again = one("retry", f"run:{run.pk}", actor=ana, batch=batch)
    other = one("discard", f"run:{run.pk}", actor=make_staff("bo"))
    assert (again.done, other.done) == (False, False)
    assert "ana has retried it" in other.said
    assert OrmQ.objects.count() == 1


def test_a_confirmation_sent_twice_runs_a_job_once_and_another_one_runs_it_again():
    batch = new_batch()
    assert [one("run", "job:queue_sweep", batch=batch).done for _ in range(2)] == [True, False]
    assert one("run", "job:queue_sweep").done
    assert OrmQ.objects.count() == 2


def test_retrying_what_pauses_brings_its_next_attempt_forward_instead_of_a_copy(ana):
    run = failed_with_a_next_attempt()
    assert taken() == []
    result = one("retry", f"run:{run.pk}", actor=ana)
    assert (result.done, result.task) == (True, run.task_id)
    ((_number, package),) = taken()
    assert SignedPackage.loads(package)["adminara"]["attempt"] == 2
    assert OrmQ.objects.count() == 1


def test_discarding_what_pauses_takes_its_next_attempt_off_the_queue(ana):
    run = failed_with_a_next_attempt()
    assert one("discard", f"run:{run.pk}", actor=ana).done
    assert not OrmQ.objects.exists()
    run.refresh_from_db()
    assert run.status == "discarded"
    assert AuditEntry.objects.get().action == "job.discard"
    assert not one("retry", f"run:{run.pk}").done


def test_a_discarded_run_keeps_what_it_said():
    run = make_run(status="failed", attempt=5, outcome="bad : Traceback", args="[1]")
    before = JobRun.objects.values().get()
    assert one("discard", f"run:{run.pk}").done
    assert JobRun.objects.values().get() == before | {"status": "discarded"}


def test_discarding_what_waits_takes_it_off_the_queue_and_shows_as_a_run(ana):
    enqueue(trial_jobs.told, "cy@example.org", 2)
    assert one("discard", key_of(OrmQ.objects.get()), actor=ana).done
    assert not OrmQ.objects.exists()
    run = JobRun.objects.get()
    assert (run.name, run.status, run.func) == ("told", "discarded", "tests.trial_jobs.told")
    assert run.finished_at == run.started_at
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target, entry.detail["run"]) == ("job.discard", "told", run.pk)


def test_a_row_that_cannot_be_read_can_be_discarded():
    row = OrmQ.objects.create(key="adminara", payload="broken", lock=now())
    assert one("discard", key_of(row)).done
    assert not OrmQ.objects.exists()


def test_what_a_worker_has_taken_is_neither_discarded_nor_run():
    enqueue(trial_jobs.quick)
    seen = key_of(OrmQ.objects.get())
    taken()
    assert "a worker has taken it" in one("discard", seen).said
    assert one("discard", key_of(OrmQ.objects.get())).said == "A worker has taken it."
    assert OrmQ.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_a_worker_that_is_quicker_than_the_click_keeps_its_task(monkeypatch):
    enqueue(trial_jobs.quick)
    row = OrmQ.objects.get()
    found = items("discard", [key_of(row)], now())
    taken()
    monkeypatch.setattr("monitoring.panel.job_actions.items", lambda *_: found)
    result = one("discard", key_of(row))
    assert (result.done, result.said) == (False, "A worker was quicker and has taken it.")
    assert OrmQ.objects.count() == 1
    assert not JobRun.objects.exists()


def test_run_now_starts_what_pauses():
    failed_with_a_next_attempt()
    assert one("run", key_of(OrmQ.objects.get())).done
    assert taken()


def test_what_waits_already_is_not_started_sooner():
    enqueue(trial_jobs.quick)
    assert "waits for a worker already" in one("run", key_of(OrmQ.objects.get())).said


def test_an_interrupted_task_is_handed_out_once_whoever_is_first():
    enqueue(trial_jobs.quick)
    taken()
    task = SignedPackage.loads(OrmQ.objects.get().payload)["id"]
    at = now()
    dead = make_run("quick", at, status="interrupted", task_id=task, func="tests.trial_jobs.quick")
    assert one("retry", f"run:{dead.pk}").done
    assert taken()
    assert OrmQ.objects.count() == 1


def test_an_interrupted_task_that_another_worker_has_taken_is_left_to_it():
    enqueue(trial_jobs.quick)
    taken()
    task = SignedPackage.loads(OrmQ.objects.get().payload)["id"]
    long_ago = now() - timedelta(seconds=Conf.RETRY + 60)
    dead = make_run("quick", long_ago, status="interrupted", task_id=task, func="tests.trial_jobs.quick")
    assert "has begun" in one("retry", f"run:{dead.pk}").said


@pytest.mark.parametrize(
    ("action", "keys"),
    [
        ("delete", ["run:1"]),
        ("retry", []),
        ("retry", ["job:session_cleanup"]),
        ("run", ["run:1"]),
        ("discard", ["what"]),
        ("discard", [f"run:{number}" for number in range(1_001)]),
    ],
)
def test_what_cannot_be_asked_does_nothing(action, keys):
    with pytest.raises(BadParameter):
        do(action, *keys)


def test_a_batch_has_the_id_of_a_confirmation():
    with pytest.raises(BadParameter, match="batch="):
        do("run", "job:queue_sweep", batch="mine")


@pytest.mark.django_db(transaction=True)
def test_of_several_people_at_once_one_retries_a_run():
    run, told = make_run(status="failed", attempt=5), []
    together = threading.Barrier(4)

    def click():
        together.wait()
        told.append(one("retry", f"run:{run.pk}"))
        for connection in connections.all():
            connection.close()

    people = [threading.Thread(target=click) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(result.done for result in told) == [False, False, False, True]
    assert (OrmQ.objects.count(), AuditEntry.objects.count()) == (1, 1)
