"""A real Prometheus beside a whole installation during a simulated day: rules, dashboard and the metrics' own form."""

import json
import shutil
import subprocess

import httpx
import pytest

from tests.prometheus import installed, prometheus, values, wait_until
from tests.server import ROOT, serving

pytestmark = installed
# Until ten customers were answered nobody is told what to expect; and who is simulated has no line to measure.
UNKNOWN = {"expected_wait_kept_ratio", "webrtc_round_trip_time"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    with serving(folder / "adminara", "qcluster", "export_metrics", DESK_GONE_AFTER="5") as server:
        assert server.manage("demo_staff", "--count", "3").returncode == 0
        with prometheus(folder, server) as client:
            wait_until(lambda: values(client, "up") == [1, 1])
            crowd = ("--customers", "40", "--staff", "3", "--speed", "240", "--url", server.url)
            day = server.manage("simulate", *crowd)
            assert day.returncode == 0, day.stdout + day.stderr
            joined = 'max(customers_joined_total{job="adminara-otel"})'
            wait_until(lambda: values(client, joined) == [40])
            yield client, server


def test_both_ports_are_scraped_and_agree(watched):
    client, _server = watched
    assert values(client, "up") == [1, 1]
    for name in ("queue_wait_time_count", "queue_wait_time_sum", "customers_joined_total"):
        wait_until(lambda name=name: len(set(values(client, name))) == 1)


def test_every_question_of_the_dashboard_has_an_answer(watched):
    client, _server = watched
    dashboard = json.loads((ROOT / "deploy/grafana/adminara.json").read_text())
    questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(questions) > 40
    unanswered = [question for question in questions if not values(client, filled_in(question))]
    assert [question for question in unanswered if not any(name in question for name in UNKNOWN)] == []


def filled_in(question):
    for variable, value in {"$job": "adminara-otel", "$__rate_interval": "5m", "$__range": "5m"}.items():
        question = question.replace(variable, value)
    return question


def test_the_rules_are_evaluated_without_an_error(watched):
    client, _server = watched
    groups = client.get("/api/v1/rules").json()["data"]["groups"]
    rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
    assert len(rules) == 16
    assert {name: rule["lastError"] for name, rule in rules.items() if rule.get("lastError")} == {}
    assert values(client, "job:webrtc_connection_time:p95_5m") != []


def test_what_is_exported_is_as_prometheus_wants_it(watched):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    for port in (watched[1].port, watched[1].metrics_port):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        command = ["promtool", "check", "metrics"]
        checked = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert "error while linting" not in checked.stderr
