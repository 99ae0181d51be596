"""What deploy/ holds: it fits the program, and the tools it is written for accept it."""

import json
import shutil
import subprocess

import pytest
from django.core.management import call_command

from monitoring.instruments import declared
from tests.server import ROOT

DEPLOY = ROOT / "deploy"
promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian's prometheus)"
)


def ran(*command: str, folder: str) -> str:
    ended = subprocess.run(command, cwd=DEPLOY / folder, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@promtool
def test_prometheus_takes_the_configuration_and_its_rules():
    assert "16 rules found" in ran("promtool", "check", "config", "prometheus.yml", folder="prometheus") + ran(
        "promtool", "check", "rules", "rules/adminara.yml", folder="prometheus"
    )


@promtool
def test_each_alert_fires_when_it_should_and_not_otherwise():
    assert "SUCCESS" in ran("promtool", "test", "rules", "adminara.yml", folder="prometheus/tests")
    rules, tried = ((DEPLOY / "prometheus" / file).read_text() for file in ("rules/adminara.yml", "tests/adminara.yml"))
    alerts = [line.split()[-1] for line in rules.splitlines() if "- alert:" in line]
    assert [alert for alert in alerts if f"alertname: {alert}" not in tried] == []


def test_the_rules_ask_for_metrics_that_there_are():
    rules = (DEPLOY / "prometheus/rules/adminara.yml").read_text()
    of_ours = {name for name in declared if name in rules}
    assert {"queue_wait_time", "webrtc_connection_time", "job_processing_time", "jobs_total"} <= of_ours


def test_the_dashboard_is_that_of_the_metrics(capsys):
    call_command("grafana_dashboard")
    made = json.loads(capsys.readouterr().out)
    assert made == json.loads((DEPLOY / "grafana/adminara.json").read_text()), (
        "manage.py grafana_dashboard > deploy/grafana/adminara.json"
    )
    panels = made["panels"]
    assert all(panel["description"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels)
    shown = json.dumps(panels)
    assert [name for name in declared if name not in shown] == []
    places = {(x, y) for panel in panels for x, y in squares(panel["gridPos"])}
    assert len(places) == sum(panel["gridPos"]["w"] * panel["gridPos"]["h"] for panel in panels), "panels overlap"


def squares(place):
    return (
        (x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])
    )
