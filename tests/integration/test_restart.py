"""SIGTERM in the middle of a busy day: after the restart nothing is missing, and every way to ask tells the same."""

import json
import re
import subprocess
import sys
import time

import httpx

from tests.server import ROOT, serving
from tests.web import browser, log_in

PASSWORD = "correct horse battery"


def sample(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
    assert found, text
    return float(found[1])


def waits(report: dict) -> float:
    return next(row["count"] for row in report["rows"] if row["name"] == "queue_wait_time")


def claimed(server) -> float:
    code = (
        "from sessions_app.models import QueueEntry;"
        "print('claimed', QueueEntry.objects.filter(departure='claimed').count())"
    )
    return float(re.search(r"claimed (\d+)", server.manage("shell", "-c", code).stdout)[1])


def test_a_restart_in_the_middle_of_a_simulated_day_loses_nothing(tmp_path):
    with serving(tmp_path, "qcluster", DESK_GONE_AFTER="10") as server:
        server.add_superuser("ana", PASSWORD)
        assert server.manage("demo_staff", "--count", "3").returncode == 0
        simulation = subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                "simulate",
                "--customers=60",
                "--staff=3",
                "--speed=400",
                f"--url={server.url}",
            ],
            env=server.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        time.sleep(8)
        assert simulation.poll() is None, simulation.communicate()[0]
        for command in ("serve", "qcluster"):
            server.stop(command)
        for command in ("serve", "qcluster"):
            server.start(command)
        told, _ = simulation.communicate(timeout=150)
        assert simulation.returncode == 0, told
        assert server.manage("session_cleanup").returncode == 0
        time.sleep(2)

        text = httpx.get(f"{server.url}/metrics", trust_env=False).text
        for state in ("waiting", "connecting", "active"):
            assert sample(text, f'support_sessions{{state="{state}"}}') == 0, told
        assert sample(text, "customers_joined_total") == 60
        told = {
            "metrics": sample(text, "queue_wait_time_count"),
            "queue rows": claimed(server),
            "command": waits(json.loads(server.manage("bottlenecks", "--window=1h", "--format=json").stdout)),
        }
        with browser(server) as staff:
            log_in(staff, "ana", PASSWORD)
            told["json"] = waits(staff.get("/admin/monitoring/panel/bottlenecks/?format=json").json())
            page = staff.get("/admin/monitoring/panel/bottlenecks/").text
            told["page"] = float(re.search(r">queue_wait_time</a>.*?<td class=\"n\">(\d+)</td>", page, re.S)[1])
        assert told["queue rows"] > 0
        assert told == dict.fromkeys(told, told["queue rows"])
        assert server.stop("serve") in {0, -15}
        assert server.stop("qcluster") == 0
