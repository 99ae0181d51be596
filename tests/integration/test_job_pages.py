"""The pages of jobs, of one job and of one run, and acting from them: what they say, and who may do what."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.timezone import now
from django_q.models import OrmQ

from monitoring import enqueue
from monitoring.job_arguments import packed
from monitoring.models import AuditEntry, JobRun
from monitoring.queueing import sync_schedules
from tests import trial_jobs
from tests.factories import make_staff
from tests.telemetry import make_process, make_run
from tests.web import text

pytestmark = pytest.mark.django_db
JOBS = "/admin/monitoring/panel/jobs/"
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def auditor(client):
    user = make_staff("bo", "sessions_app.view_supportsession")
    user.groups.add(Group.objects.get(name="auditor"))
    client.force_login(user)
    return client


def fields(response):
    """The hidden fields of the page's form, as a browser would send them."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.content.decode())
    return {name: [unescape(value) for other, value in found if other == name] for name, _value in found}


def test_the_page_shows_schedules_in_words_runs_and_states_with_counts(lead):
    sync_schedules()
    make_run("session_cleanup", now(), status="failed", attempt=5, outcome=f"{EVIL} Traceback " + "x" * 99)
    make_run("queue_sweep", now() - timedelta(hours=30))
    enqueue(trial_jobs.quick)
    page = lead.get(JOBS)
    assert EVIL not in page.content.decode()
    assert "every hour, on the hour" in text(page)
    assert "Waiting 1 Later 0 Running 0 Succeeded 0 Failed 1 Interrupted 0 Discarded 0" in text(page)
    assert "session_cleanup worker, attempt 5" in text(page)
    assert "✕ failed 50.0 ms 200 ms" in text(page)
    figures = lead.get(JOBS, {"format": "json", "status": "failed"}).json()
    assert [(run["name"], run["run_ms"], run["wait_ms"]) for run in figures["runs"]] == [
        ("session_cleanup", 200.0, 50.0)
    ]
    assert figures["live"]["queue"]["due"] == 1


def test_each_state_of_the_queue_is_a_list(lead):
    enqueue(trial_jobs.quick)
    OrmQ.objects.create(key="adminara", payload="broken", lock=now() - timedelta(minutes=1))
    page = text(lead.get(JOBS, {"status": "waiting"}))
    assert "cannot be read" in page
    assert "Due, and not yet taken by a worker" in page
    figures = lead.get(JOBS, {"status": "waiting", "format": "json"}).json()
    assert [(row["name"], row["readable"]) for row in figures["queue"]] == [("", False), ("quick", True)]
    assert "args" not in str(figures["queue"])
    assert "No worker has a task right now" in text(lead.get(JOBS, {"status": "later"}))


def test_a_page_of_runs_leads_to_the_next(lead):
    for number in range(26):
        make_run(at=now() - number * timedelta(minutes=1))
    page = lead.get(JOBS, {"status": "success"})
    older = unescape(re.search(r'href="(\?[^"]*)#runs" rel="next"', page.content.decode())[1])
    assert len(lead.get(JOBS + older + "&format=json").json()["runs"]) == 1
    assert len(lead.get(JOBS, {"rows": "100", "format": "json"}).json()["runs"]) == 26


@pytest.mark.parametrize("address", [JOBS, f"{JOBS}queue_sweep/"])
def test_the_times_come_when_they_are_asked_for_alone_or_in_the_page(lead, address):
    assert "<figure" not in lead.get(address).content.decode()
    assert lead.get(address, {"show": "times"}).content.decode().count("<figure") == 2
    alone = lead.get(address, {"show": "times"}, headers={"HX-Request": "true"}).content.decode()
    assert (alone.count("<figure"), "<html" in alone) == (2, False)
    assert lead.get(address, {"format": "json"}).json()["times"]["run"]["count"] == 0
    assert lead.get(address, {"show": "all"}).status_code == 400


def test_the_moving_part_is_answered_alone(lead):
    body = lead.get(JOBS, headers={"HX-Request": "true"}).content.decode()
    assert body.count('<div id="jobs-live"') == 1
    assert "<html" not in body


def test_the_pages_of_a_job_and_of_a_run_answer_whether_there_is_news(lead):
    run = make_run("queue_sweep", now())
    for address in (f"{JOBS}queue_sweep/", f"{JOBS}runs/{run.pk}/"):
        page = lead.get(address).content.decode()
        alone = lead.get(address, headers={"HX-Request": "true"}).content.decode()
        news = re.findall(r'id="jobs-news" data-at="[^"]+" data-news="([^"]+)"', page + alone)
        assert news == [news[0]] * 2
        assert "<html" not in alone
        make_run("queue_sweep", now())
        assert f'data-news="{news[0]}"' not in lead.get(address, headers={"HX-Request": "true"}).content.decode()


def test_workers_are_named_with_what_they_run_and_the_dead_with_what_to_do(lead):
    busy = make_process(at=now(), pid=71)
    make_process(at=now() - timedelta(minutes=10), pid=72)
    make_run("slow", now(), status="running", finished_at=None, writer=busy.pk)
    page = text(lead.get(JOBS))
    assert re.search(r"worker 71 here .* ago slow", page)
    assert re.search(r"worker 72 on here fell silent 10 min 0\d s ago", page)
    assert "handed out again" in page


def test_the_page_of_a_job(lead):
    at = now()
    make_run("turn_upkeep", at, status="failed", outcome="no relay : Traceback (most recent call last):\n  x")
    make_run("turn_upkeep", at - timedelta(minutes=10))
    page = lead.get(JOBS + "turn_upkeep/")
    assert "every 10 minutes */10 * * * *" in text(page)
    assert "sessions_app.jobs.turn_upkeep" in text(page)
    assert "The last 2 runs: 1 failed or were interrupted" in text(page)
    assert "50 %" in text(page)
    figures = lead.get(JOBS + "turn_upkeep/?format=json").json()
    assert (figures["success"], len(figures["next_runs"]), len(figures["runs"])) == (0.5, 5, 2)
    assert lead.get(JOBS + "turn_upkeep/?window=soon").status_code == 400


def test_the_page_of_a_run_hides_arguments_and_folds_the_traceback(lead):
    outcome = "cy@example.org : Traceback (most recent call last):\n  in told\nValueError: cy@example.org"
    run = make_run(
        "told", now(), status="failed", attempt=5, func="tests.trial_jobs.told", args=packed(["cy@example.org", 7], {})
    )
    JobRun.objects.update(outcome=outcome)
    page = lead.get(f"{JOBS}runs/{run.pk}/")
    assert "cy@example.org" not in page.content.decode()
    assert "contact [redacted] size 7" in text(page)
    assert '<details class="trace"><summary>Traceback</summary>' in page.content.decode()
    assert "cy@example.org" not in lead.get(f"{JOBS}runs/{run.pk}/?format=json").content.decode()


def test_many_are_retried_after_a_page_that_says_what_will_happen(lead):
    failed = [make_run(at=now(), status="failed", attempt=5) for _ in range(2)]
    make_run("gone", at=now(), status="failed", attempt=5)
    shown = fields(lead.get(JOBS, {"status": "failed"}))
    (runs,) = [keys for keys in shown["shown"] if keys.startswith("run:")]
    asked = lead.post(JOBS + "confirm/", {"do": "retry", "all": "1", "shown": runs, "back": shown["back"][0]})
    assert "This will happen to 2 things" in text(asked)
    assert "gone" in text(asked)
    assert not OrmQ.objects.exists()
    confirmed = fields(asked)
    assert sorted(confirmed["item"]) == sorted(f"run:{run.pk}" for run in failed)
    done = lead.post(JOBS + "act/", confirmed)
    assert "2 done." in text(done)
    assert f'href="{JOBS}?status=failed"' in done.content.decode()
    again = lead.post(JOBS + "act/", confirmed)
    assert "2 were left as they are" in text(again)
    assert OrmQ.objects.count() == 2
    assert set(AuditEntry.objects.values_list("action", "actor_name")) == {("job.retry", "ana")}
    assert "retried by ana" in text(lead.get(JOBS, {"status": "failed"}))


def test_a_thousand_are_retried_at_once_and_each_once(lead):
    for _ in range(1_000):
        make_run("queue_sweep", now(), status="failed", attempt=5)
    shown = fields(lead.get(JOBS, {"status": "failed", "rows": "1000"}))
    (runs,) = [keys for keys in shown["shown"] if keys.startswith("run:")]
    # As a browser with JavaScript sends it: every box is ticked, and that of all of them.
    asked = lead.post(JOBS + "confirm/", {"do": "retry", "all": "1", "shown": runs, "item": runs.split()})
    confirmed = fields(asked)
    assert len(confirmed["item"]) == 1_000
    assert "1,000 done." in text(lead.post(JOBS + "act/", confirmed))
    assert "1,000 were left as they are" in text(lead.post(JOBS + "act/", confirmed))
    assert (OrmQ.objects.count(), AuditEntry.objects.count()) == (1_000, 1_000)


def test_one_is_discarded_by_its_own_button(lead):
    run = make_run(at=now(), status="interrupted")
    asked = lead.post(JOBS + "confirm/", {"do": f"discard run:{run.pk}"})
    assert "It is put aside for good" in text(asked)
    results = lead.post(JOBS + "act/?format=json", fields(asked)).json()
    assert (results["done"], results["results"][0]["name"]) == (1, "session_cleanup")
    assert "discarded by ana" in text(lead.get(JOBS, {"status": "discarded"}))


def test_picking_nothing_is_answered_kindly(lead):
    answer = lead.post(JOBS + "confirm/", {"do": "retry", "back": f"{JOBS}?status=failed"}, follow=True)
    assert answer.redirect_chain == [(f"{JOBS}?status=failed", 302)]
    assert "Nothing was picked" in text(answer)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/admin/logout/", ""])
def test_the_way_back_stays_among_the_jobs(lead, back):
    assert lead.post(JOBS + "confirm/", {"do": "retry", "back": back})["Location"] == JOBS


@pytest.mark.parametrize("more", [{"do": "drop", "item": "run:1"}, {"do": "run", "item": "job:x", "batch": EVIL}])
def test_what_cannot_be_asked_is_a_page(lead, more):
    answer = lead.post(JOBS + "act/", more)
    assert answer.status_code == 400
    assert EVIL not in answer.content.decode()


def test_an_auditor_reads_but_does_not_act(auditor):
    run = make_run(status="failed", at=now())
    for address in ("", "session_cleanup/", f"runs/{run.pk}/"):
        page = auditor.get(JOBS + address)
        assert page.status_code == 200
        assert not re.search(r'name="(do|item|all)"', page.content.decode())
    for address in ("confirm/", "act/"):
        assert auditor.post(JOBS + address, {"do": f"retry run:{run.pk}"}).status_code == 403
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("address", ["confirm/", "act/"])
def test_an_action_needs_post_and_its_token(lead, address):
    answer = lead.get(JOBS + address)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = lead.cookies
    assert careful.post(JOBS + address, {"do": "run job:session_cleanup"}).status_code == 403
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(
    "query",
    [{"status": "well"}, {"name": EVIL}, {"window": "soon"}, {"rows": "7"}, {"before": "x"}, {"before": "1-x;"}],
)
def test_a_value_that_cannot_be_used_is_named(lead, query):
    answer = lead.get(JOBS, query)
    assert answer.status_code == 400
    ((name, value),) = query.items()
    assert f"{name}={value}" in unescape(answer.content.decode())
    assert EVIL not in answer.content.decode()
    assert lead.get(JOBS, {"status": "waiting", "before": "x"}).status_code == 400
