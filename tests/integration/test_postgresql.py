"""An installation on a real PostgreSQL, as an operator sets it up."""

import json

import httpx
import psycopg
import pytest

from tests.integration.test_jobs import enqueue, inside, runs, wait_for
from tests.postgresql import postgresql
from tests.server import serving
from tests.web import browser, form_token, log_in


@pytest.fixture(scope="module")
def address():
    with postgresql() as url:
        yield url


@pytest.fixture(scope="module")
def server(tmp_path_factory, address):
    with serving(tmp_path_factory.mktemp("installation"), "qcluster", DATABASE_URL=address) as running:
        inside(
            running, "from django.contrib.auth.models import User\nUser.objects.create_superuser('ana', password='pw')"
        )
        yield running


def test_pages_answer(server):
    with browser(server) as client:
        joined = client.post("/", data={"name": "Cy", "csrfmiddlewaretoken": form_token(client.get("/").text)})
        assert joined.status_code == 200
        assert "/s/" in joined.url.path
        log_in(client, "ana", "pw")
        assert "Cy" in client.get("/admin/desk/").text
        for page in ("", "bottlenecks/", "traces/", "jobs/"):
            assert client.get(f"/admin/monitoring/panel/{page}").status_code == 200


def test_a_job_runs_and_all_is_ready(server):
    trace_id = enqueue(server, "quick")
    wait_for(lambda: [run for run in runs(server, "quick") if run[0] == "success"])
    assert [run[2] for run in runs(server, "quick")] == [trace_id]
    ready = httpx.get(f"{server.url}/readyz", trust_env=False)
    assert ready.status_code == 200, ready.text


def test_all_who_tell_figures_agree(server):
    inside(
        server,
        "from monitoring import profiler\n"
        "for ms in (50, 150, 250): profiler.record('webrtc_connection_time', ms, role='customer')",
    )
    scraped = httpx.get(f"{server.url}/metrics", trust_env=False).text
    (row,) = [row for row in told(server) if row["name"] == "webrtc_connection_time"]
    assert (row["count"], row["total"], row["over"]) == (3, 450, 2)
    assert 'webrtc_connection_time_count{role="customer"} 3' in scraped
    assert 'webrtc_connection_time_sum{role="customer"} 450.0' in scraped
    assert 'webrtc_connection_time_bucket{role="customer",le="100"} 1' in scraped


def told(server):
    return json.loads(server.manage("bottlenecks", "--format", "json").stdout)["rows"]


def test_telemetry_is_in_a_schema_of_its_own(server, address):
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
    schemas = {
        schema: {table for where, table in found if where == schema and table.startswith(("monitoring", "sessions"))}
        for schema in ("public", "telemetry")
    }
    assert {"monitoring_delta", "monitoring_measure"} <= schemas["telemetry"]
    assert "monitoring_auditentry" not in schemas["telemetry"]
    assert "monitoring_delta" not in schemas["public"]
    assert "sessions_app_supportsession" in schemas["public"]
