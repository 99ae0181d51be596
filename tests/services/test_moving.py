"""A filled installation is backed up while it runs, moved to PostgreSQL and back, and every row is there."""

import json
from pathlib import Path

import pytest

from tests.integration.test_jobs import inside
from tests.postgresql import postgresql
from tests.server import installed, serving
from tests.web import browser, form_token

ROWS = """
import json
from django.conf import settings
from monitoring.backups import tables
found = {}
for alias in settings.DATABASES:
    for model in tables(alias):
        fields = [field.attname for field in model._meta.concrete_fields]
        rows = model._base_manager.using(alias).order_by("pk").values_list(*fields)
        found[model._meta.label_lower] = [json.dumps(row, default=repr, sort_keys=True) for row in rows.iterator()]
print(json.dumps(found))
"""
# What the commands that read the rows add of themselves: processes that tell of their life.
OF_THE_READERS = {"monitoring.writer"}


def rows_of(server):
    found = json.loads(inside(server, ROWS))
    return {table: rows for table, rows in found.items() if table not in OF_THE_READERS}


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A day's rows as they were, the back-up, and the rows on PostgreSQL."""
    folder = tmp_path_factory.mktemp("moving")
    kept = folder / "kept"
    with serving(folder / "before", "qcluster", DESK_GONE_AFTER="5") as server:
        assert server.manage("demo_staff", "--count", "2").returncode == 0
        day = server.manage("simulate", "--customers", "15", "--staff", "2", "--speed", "600", "--url", server.url)
        assert day.returncode == 0, day.stdout + day.stderr
        while_it_runs = server.manage("backup", str(folder / "while-it-runs"))
        assert while_it_runs.returncode == 0, while_it_runs.stderr
        for command in ("serve", "qcluster"):
            server.stop(command)
        totals = server.manage("bottlenecks", "--window", "30d", "--format", "json").stdout
        taken = server.manage("backup", str(kept))
        assert taken.returncode == 0, taken.stderr
        before = rows_of(server)
    with postgresql() as address, installed(folder / "after", prepare=False, DATABASE_URL=address) as server:
        restored = server.manage("restore", str(kept))
        assert restored.returncode == 0, restored.stderr
        yield kept, before, rows_of(server), totals, server


def test_every_row_is_the_same_on_postgresql(moved):
    _kept, before, after, _totals, _server = moved
    assert after.keys() == before.keys()
    for table, rows in before.items():
        assert after[table] == rows, table
    sizes = {table: len(rows) for table, rows in before.items()}
    assert all(sizes[f"sessions_app.{table}"] for table in ("supportsession", "queueentry"))
    assert all(sizes[f"monitoring.{table}"] for table in ("measure", "span", "series"))
    assert sizes["monitoring.delta"] + sizes["monitoring.total"]


def test_it_goes_on_there(moved):
    kept, _before, _after, totals, server = moved
    told = json.loads(server.manage("bottlenecks", "--window", "30d", "--format", "json").stdout)
    counts = {row["name"]: (row["count"], row["total"]) for row in told["rows"]}
    assert {row["name"]: (row["count"], row["total"]) for row in json.loads(totals)["rows"]}.items() <= counts.items()
    assert (server.data / "secret_key").read_text() == (kept / "secret_key").read_text()
    server.start("serve")
    with browser(server) as client:  # the next rows do not take the numbers of those that came along
        joined = client.post("/", data={"name": "Cy", "csrfmiddlewaretoken": form_token(client.get("/").text)})
        assert "/s/" in joined.url.path
    server.stop("serve")


def test_it_is_not_restored_over_what_is_there(moved):
    kept, _before, _after, _totals, server = moved
    refused = server.manage("restore", str(kept))
    assert refused.returncode == 1
    assert "in use" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_damaged_one_changes_nothing(moved, tmp_path):
    kept, _before, _after, _totals, _server = moved
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in Path(kept).iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    about = json.loads((damaged / "backup.json").read_text())
    about["rows"]["monitoring.measure"] += 1
    (damaged / "backup.json").write_text(json.dumps(about))
    with installed(tmp_path / "target", prepare=False) as server:
        refused = server.manage("restore", str(damaged))
        assert (refused.returncode, "damaged" in refused.stderr) == (1, True)
        assert (
            inside(server, "from sessions_app.models import SupportSession; print(SupportSession.objects.count())")
            == "0"
        )
        assert server.manage("restore", str(tmp_path)).returncode == 1
        again = server.manage("restore", str(kept))
        assert again.returncode == 0, again.stderr
