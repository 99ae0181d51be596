"""SIGTERM in the middle of a busy day: after the restart nothing is missing, and every way to ask tells the same."""

import json
import re
import time
from contextlib import closing

import httpx

from tests import programs
from tests.integration.test_jobs import wait_for
from tests.server import serving
from tests.web import browser, log_in

PASSWORD = "correct horse battery"


def sample(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
    assert found, text
    return float(found[1])


def waits(report: dict) -> float:
    return next(row["count"] for row in report["rows"] if row["name"] == "queue_wait_time")


def claimed(server) -> int:
    with closing(server.database("adminara", "public")) as database:
        query = "SELECT count(*) FROM sessions_app_queueentry WHERE departure = 'claimed'"
        return database.execute(query).fetchone()[0]


def test_a_restart_in_the_middle_of_a_simulated_day_loses_nothing(tmp_path):
    with serving(tmp_path, "qcluster", DESK_GONE_AFTER="10") as server:
        server.add_superuser("ana", PASSWORD)
        assert server.manage("demo_staff", "--count", "3").returncode == 0
        crowd = ["--customers=30", "--staff=3", "--speed=400", f"--url={server.url}"]
        with server.log("simulate").open("w") as log:
            simulation = programs.start(["manage.py", "simulate", *crowd], server.environment, log, log)
        wait_for(lambda: claimed(server) > 3, within_s=60)
        assert simulation.poll() is None, server.log("simulate").read_text()
        for command in ("serve", "qcluster"):
            server.stop(command)
        for command in ("serve", "qcluster"):
            server.start(command)
        ended, told = simulation.wait(150), server.log("simulate").read_text()
        assert ended == 0, told
        assert server.manage("session_cleanup").returncode == 0
        time.sleep(2)

        text = httpx.get(f"{server.url}/metrics", trust_env=False).text
        for state in ("waiting", "connecting", "active"):
            assert sample(text, f'support_sessions{{state="{state}"}}') == 0, told
        assert sample(text, "customers_joined_total") == 30
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
