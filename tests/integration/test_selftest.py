"""The self-test without Chromium, against a real server in processes of its own, and what stops one."""

import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests import own_services
from tests.selftesting import left, reported, stopped_after, times
from tests.server import free_port, serving

GONE_AFTER_S = 5


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("selftest"), DESK_GONE_AFTER=str(GONE_AFTER_S)) as running:
        yield running


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """An installation whose relay is not there, whose /metrics are shut, and whose desk is closed."""
    folder, url = tmp_path_factory.mktemp("other"), f"turn:127.0.0.1:{free_port()}"
    in_three_days = f"{datetime.now(UTC) + timedelta(days=3):%a} 09:00-17:00"
    with serving(folder, TURN_URLS=url, METRICS_TOKEN="right", DESK_HOURS=in_three_days) as running:
        yield running


def test_everything_but_the_media_is_tried_and_nothing_stays(server):
    code, report, said = reported(server, "--no-browser")
    assert (code, report["failures"], said) == (0, [], "")
    parts = {"joined", "socket open", "page knows", "signalling", "ICE servers", "end told"}
    assert parts <= times(report, "customer").keys()
    assert {"console", "taken", "signalling", "ICE servers", "hung up", "ended"} <= times(report, "staff").keys()
    assert next(part["detail"] for part in report["parts"] if part["name"] == "TURN").startswith("not configured")
    found = left(server)
    assert found["states"][-1] == "ended"
    assert (found["synthetic"], found["joined"], found["periods"]) == ([True], 0, 0)
    assert [password[0] for password in found["staff"]] == ["!"]


def test_a_second_one_says_that_one_is_running(server):
    with stopped_after(server, "joined", "--no-browser") as first:
        code, report, said = reported(server, "--no-browser")
        assert code == 1
        assert "A self-test is running, begun " in said
        assert report["ok"] is False
        first.send_signal(signal.SIGCONT)
        assert first.wait(20) == 0, first.stderr.read()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_one_that_is_ended_in_the_middle_leaves_nothing_that_counts(server, sent, code):
    logins = left(server)["logins"]
    with stopped_after(server, "taken", "--no-browser") as running:
        running.send_signal(sent)
        running.send_signal(signal.SIGCONT)
        assert running.wait(20) == code
    found = left(server)
    assert (found["joined"], found["periods"]) == (0, 0)
    if sent == signal.SIGKILL:
        assert found["states"][-1] == "connecting"
        time.sleep(GONE_AFTER_S)  # for so long a customer may be silent
    else:
        assert (found["logins"], found["states"][-1]) == (logins, "ended")
    assert reported(server, "--no-browser")[0] == 0


def test_a_server_that_is_down_is_said_with_what_to_do(server):
    url = f"http://127.0.0.1:{free_port()}"
    code, report, said = reported(server, "--no-browser", "--url", url)
    assert (code, report["parts"]) == (1, [])
    assert said.startswith(f"CommandError: No server answers at {url}")
    assert "start it with `make run`" in said


def test_a_server_of_another_installation_is_said(server, other):
    ours = replace(server, environment=server.environment | {"METRICS_TOKEN": "right"})
    code, _, said = reported(ours, "--no-browser", "--url", other.url)
    assert code == 1
    assert "is this the server of this installation, with the same database and SECRET_KEY?" in said


def test_a_database_that_is_not_the_servers_is_said(server, tmp_path):
    services = own_services.create() if own_services.ON_SERVICES else {}
    elsewhere = replace(server, environment=server.environment | {"ADMINARA_DATA_DIR": str(tmp_path)} | services)
    code, report, said = reported(elsewhere, "--no-browser")
    own_services.drop(services)
    assert (code, report["ok"]) == (1, False)
    assert said.startswith("CommandError: The desk's database refused the self-test (")
    assert "no such table" in said or "does not exist" in said
    assert "prepared by `manage.py prepare`?" in said


def test_a_relay_that_does_not_answer_is_a_failure_and_the_rest_is_tried(other):
    code, report, said = reported(other, "--no-browser")
    assert code == 1
    (url,) = (part["detail"].removesuffix(": FAILED") for part in report["parts"] if part["name"] == "TURN asked")
    assert said.startswith(f"CommandError: {url}: The TURN server cannot be asked: ")
    assert "Is the relay running" in said
    assert "end told" in times(report, "customer")
    assert [part["detail"] for part in report["parts"] if part["name"] == "ICE servers"] == ["0 STUN, 1 TURN"] * 2


def test_metrics_that_may_not_be_read_are_said(other):
    mistaken = replace(other, environment=other.environment | {"METRICS_TOKEN": "wrong"})
    code, _, said = reported(mistaken, "--no-browser")
    assert code == 1
    assert "/metrics was answered with 401 and not 200: set METRICS_TOKEN, for the server" in said
