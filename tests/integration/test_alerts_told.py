"""Alerts from a job that really fails to those who are told: worker, watch, queue, webhook, page and /metrics."""

import base64
import hmac
import re
from hashlib import sha256

import httpx
import pytest

from tests.integration.test_jobs import FAST, enqueue, runs, wait_for
from tests.receivers import Receiver, running
from tests.server import installed, serving
from tests.web import browser, form_token, log_in

KEY = b"a key of twenty-four bytes"
PASSWORD = "correct horse battery"
PAGE = "/admin/monitoring/panel/alerts/"
LONG_S = 90  # the rules are looked at every 15 s, on a machine that others keep busy


@pytest.fixture
def receiver():
    with running(Receiver()) as server:
        yield server


@pytest.fixture
def impatient(receiver):
    return FAST | {
        "DJANGO_SETTINGS_MODULE": "tests.impatient",
        "ALERT_WEBHOOK_URL": f"{receiver.url}/hooks/a-secret-path",
        "ALERT_WEBHOOK_SECRET": f"whsec_{base64.b64encode(KEY).decode()}",
    }


def genuine(taken) -> bool:
    """Whether it is signed as docs/operating.md tells receivers to verify."""
    signed = f"{taken.headers['webhook-id']}.{taken.headers['webhook-timestamp']}.".encode() + taken.body
    expected = base64.b64encode(hmac.new(KEY, signed, sha256).digest()).decode()
    return hmac.compare_digest(taken.headers["webhook-signature"], f"v1,{expected}")


def firing(client: httpx.Client) -> dict[str, dict]:
    return {alert["subject"]: alert for alert in client.get(PAGE, params={"format": "json"}).json()["firing"]}


def fired(server) -> float:
    """What /metrics says of urgent alerts."""
    told = httpx.get(f"{server.url}/metrics", trust_env=False).text
    found = re.search(r'^alerts_firing\{.*level="bad".*\} (\S+)$', told, re.MULTILINE)
    return float(found[1]) if found else -1


def silence(client: httpx.Client, subject: str) -> None:
    form = {"subject": subject, "length": "1h", "reason": "it is known"}
    form |= {"csrfmiddlewaretoken": form_token(client.get(PAGE).text)}
    answer = client.post(f"{PAGE}silence/", data=form, headers={"Referer": str(client.base_url)})
    assert "Silenced" in answer.text


def test_a_failing_job_is_told_of_once_signed_and_so_is_its_end(tmp_path, receiver, impatient):
    works = tmp_path / "works"
    with installed(tmp_path / "data", **impatient) as server, browser(server) as client:
        server.start("qcluster")
        wait_for(lambda: server.telemetry("SELECT 1 FROM monitoring_writer WHERE role = 'worker'"))
        server.start("serve")  # only now, so that it misses nobody
        server.add_superuser("ana", PASSWORD)
        log_in(client, "ana", PASSWORD)
        silence(client, "fai*")
        assert fired(server) == 0

        for job, arguments in (("waver", [str(works)]), ("fail", [])):
            enqueue(server, job, *arguments)
        wait_for(lambda: receiver.taken and {"waver", "fail"} <= set(firing(client)), LONG_S)
        (taken,) = receiver.taken
        assert genuine(taken)
        assert (taken.said["type"], taken.said["data"]["subject"]) == ("alert.firing", "waver")
        assert taken.said["data"]["title"] == "The job waver failed 3 times in a row."
        assert taken.said["data"]["link"].startswith(server.url)
        assert "The job waver failed 3 times in a row." in client.get(PAGE).text
        shown = firing(client)
        assert (bool(shown["waver"]["told_at"]), bool(shown["fail"]["told_at"])) == (True, False)
        assert shown["fail"]["silenced_until"]  # it fires, and nobody was told
        assert fired(server) == 2
        (sent,) = wait_for(lambda: [run for run in runs(server, "notify") if run[0] == "success"])
        assert sent[3] == "Sent by webhook."

        works.write_text("well")
        enqueue(server, "waver", str(works))
        wait_for(lambda: len(receiver.taken) > 1, LONG_S)
        over = receiver.taken[1]
        assert genuine(over)
        assert (over.said["type"], over.said["data"]["subject"]) == ("alert.resolved", "waver")
        assert set(firing(client)) == {"fail"}
        assert [past["subject"] for past in client.get(PAGE, params={"format": "json"}).json()["history"]] == ["waver"]
        assert fired(server) == 1

        works.unlink()  # and again, within the cooldown
        enqueue(server, "waver", str(works))
        wait_for(lambda: "waver" in firing(client), LONG_S)
        assert firing(client)["waver"]["told_at"] is None
        assert len(receiver.taken) == 2
        for command in ("serve", "qcluster"):
            assert "a-secret-path" not in server.log(command).read_text()


def test_that_no_worker_runs_is_told_without_one(tmp_path, receiver, impatient):
    with serving(tmp_path, **impatient) as server:
        wait_for(lambda: receiver.taken, LONG_S)
        assert receiver.taken[0].said["data"]["title"] == "No job worker is running, so jobs wait."
        assert genuine(receiver.taken[0])
        server.start("qcluster")
        wait_for(lambda: len(receiver.taken) > 1, LONG_S)
        assert receiver.taken[1].said["type"] == "alert.resolved"
