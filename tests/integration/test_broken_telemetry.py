"""With the telemetry database broken, every page of the desk still answers."""

import json
from contextlib import closing

import pytest

from tests.server import serving
from tests.web import browser, form_token, log_in


@pytest.fixture
def broken(tmp_path):
    """A running installation whose telemetry database turned into something that is none."""
    with serving(tmp_path) as server:
        made = server.manage("demo_staff", "--count", "1")
        assert made.returncode == 0, made.stderr
        break_telemetry(server)
        yield server


def break_telemetry(server):
    if "DATABASE_URL" in server.environment:
        with closing(server.database("telemetry", "telemetry")) as database, database:
            database.execute("DROP SCHEMA telemetry CASCADE")
        return
    for name in ("telemetry.sqlite3", "telemetry.sqlite3-wal", "telemetry.sqlite3-shm"):
        (server.data / name).unlink(missing_ok=True)
    (server.data / "telemetry.sqlite3").write_bytes(b"this is no database" * 1000)


def test_customers_and_staff_go_on_as_before(broken, tmp_path):
    ((username, password),) = json.loads((tmp_path / "demo-staff.json").read_text()).items()
    with browser(broken) as customer, browser(broken) as staff:
        joined = customer.post("/", data={"name": "Cy", "csrfmiddlewaretoken": form_token(customer.get("/").text)})
        assert joined.status_code == 200
        assert "/s/" in str(joined.url)

        log_in(staff, username, password)
        console = staff.get("/admin/desk/?format=json")
        assert [entry["name"] for entry in console.json()["waiting"]] == ["Cy"]
        headers = {"Accept": "application/json", "X-CSRFToken": form_token(staff.get("/admin/desk/").text)}
        taken = staff.post("/admin/desk/next/", headers=headers)
        assert taken.status_code == 200
        ended = staff.post(f"/admin/desk/{taken.json()['id']}/end/", data={"outcome": "resolved"}, headers=headers)
        assert ended.status_code == 200

    with browser(broken) as machine:
        metrics = machine.get("/metrics")
        assert metrics.status_code == 200
        assert "telemetry_store_up 0.0" in metrics.text
        assert 'support_sessions{state="ended"} 1.0' in metrics.text  # the desk's own numbers are still there
        assert machine.get("/readyz").status_code == 503
        assert machine.get("/healthz").status_code == 200
    assert "Traceback" not in broken.log("serve").read_text()
