"""Acting on jobs over real HTTP while real workers take from the same queue: nothing is lost, nothing runs twice."""

import re
import threading
from collections import Counter
from html import unescape

import pytest

from tests.integration.test_jobs import FAST, inside, wait_for
from tests.server import serving
from tests.web import browser, form_token, log_in

JOBS = "/admin/monitoring/panel/jobs/"
PASSWORD = "correct horse battery"
TASKS = 80


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    settings = FAST | {"JOB_MAX_ATTEMPTS": "1"}
    with serving(tmp_path_factory.mktemp("acting"), "qcluster", **settings) as running:
        running.add_superuser("ana", PASSWORD)
        yield running


@pytest.fixture
def ana(server):
    with browser(server) as client:
        log_in(client, "ana", PASSWORD)
        yield client


def send(client, address, **form):
    token = form_token(client.get(JOBS).text)
    return client.post(
        JOBS + address, data=form | {"csrfmiddlewaretoken": token}, headers={"Referer": str(client.base_url)}
    )


def confirmed(client, **form):
    """What the page of the confirmation would send."""
    page = send(client, "confirm/", **form)
    assert page.status_code == 200, page.text
    found = re.findall(r'<input type="hidden" name="(do|batch|item)" value="([^"]*)">', page.text)
    return {name: [unescape(value) for other, value in found if other == name] for name, _value in found}


def listed(client, kind, **asked):
    """None as well while the page does not know the job, which has not begun yet."""
    answer = client.get(JOBS, params=asked | {"format": "json", "rows": "1000"})
    return answer.json().get(kind, [])


def told(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def all_ended(runs):
    return runs if len([run for run in runs if run["status"] != "running"]) >= TASKS else []


def test_a_failed_job_is_retried_by_two_clicks_and_runs_once_more(server, ana, tmp_path):
    file = tmp_path / "made later"
    inside(server, f"enqueue('tests.trial_jobs.mended', {str(file)!r})")
    (failed,) = wait_for(lambda: listed(ana, "runs", status="failed", name="mended"))
    assert "No such file" in failed["outcome"]
    file.write_text("mended")
    form = confirmed(ana, do=f"retry run:{failed['id']}")
    results = [told(send(ana, "act/?format=json", **form)) for _click in range(2)]
    assert [result["done"] for result in results] == [1, 0]
    (again,) = wait_for(lambda: listed(ana, "runs", status="success", name="mended"))
    assert (again["outcome"], again["task_id"]) == ("mended", results[0]["results"][0]["task"])
    assert "The run that came of it" in ana.get(f"{JOBS}runs/{failed['id']}/").text
    assert [run["handled_by"] for run in listed(ana, "runs", status="failed", name="mended")] == ["ana"]


def test_a_scheduled_job_is_run_now(server, ana):
    before = {run["id"] for run in listed(ana, "runs", name="session_cleanup")}
    (result,) = told(send(ana, "act/?format=json", **confirmed(ana, do="run job:session_cleanup")))["results"]
    ended = wait_for(
        lambda: [
            run for run in listed(ana, "runs", name="session_cleanup", status="success") if run["id"] not in before
        ]
    )
    assert result["task"] in {run["task_id"] for run in ended}


def test_what_is_discarded_while_workers_take_it_either_runs_or_does_not(server, ana):
    inside(server, f"for number in range({TASKS}): enqueue('tests.trial_jobs.numbered', number, 0.25)")
    items = [f"queue:{row['key']}" for row in listed(ana, "queue", status="waiting", name="numbered")]
    assert items, "the workers were quicker than the list"
    form, answers = confirmed(ana, do="discard", item=items), []

    def click():
        with browser(server) as client:
            client.cookies = ana.cookies
            answers.append(told(send(client, "act/?format=json", **form)))

    people = [threading.Thread(target=click) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    ended = wait_for(lambda: all_ended(listed(ana, "runs", name="numbered")), within_s=60)
    assert inside(server, "from django_q.models import OrmQ\nprint(OrmQ.objects.count())") == "0"
    statuses = Counter(run["status"] for run in ended)
    assert len({run["task_id"] for run in ended}) == TASKS
    assert set(statuses) <= {"success", "discarded"}
    assert statuses["discarded"] == sum(answer["done"] for answer in answers)
    ran = sorted(run["outcome"] for run in ended if run["status"] == "success")
    assert len(ran) == len(set(ran))
