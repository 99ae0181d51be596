"""The settings in force: every variable of the README with its source, and never a secret."""

import re
import runpy
from html import unescape
from pathlib import Path

import pytest
from django.test import override_settings

from adminara import env
from adminara.meanings import MEANINGS
from adminara.variables import Variables
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/monitoring/panel/settings/"
ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "README.md").read_text().partition("### Settings")[2].partition("### Commands")[0]
VARIABLES = re.findall(r"^\| `([A-Z_]+)` \| ?(.*?) ?\| (.*) \|$", REFERENCE, re.M)
SECRETS = {
    "SECRET_KEY": "pl4nted-" + "key" * 20,
    "EMAIL_HOST_PASSWORD": "pl4nted-mail",
    "TURN_SECRET_KEY": "pl4nted-turn,pl4nted-turn-before",
    "METRICS_TOKEN": "pl4nted-token",
    "DATABASE_URL": "postgresql://desk:pl4nted-db@db.example.org:5433/adminara?sslpassword=pl4nted-ssl",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "https://user:pl4nted-otlp@collector.example.org:4318/pl4nted-path?key=pl4nted-query",
    "CSRF_TRUSTED_ORIGINS": "https://desk:pl4nted-origin@desk.example.org",
}


@pytest.fixture
def seer(client):
    client.force_login(make_staff("ana", "monitoring.view_panel", "monitoring.view_settings"))
    return client


@pytest.fixture
def read_anew(monkeypatch):
    """Reads the settings as a process would that starts with `environment`."""

    def read(environment, from_file=()):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(env, "read", Variables(env.os.environ, dict(from_file)))
        return override_settings(VARIABLES=runpy.run_path(str(ROOT / "adminara/settings.py"))["VARIABLES"])

    return read


def read_settings():
    from django.conf import settings

    return settings.VARIABLES


def rows(client, **asked):
    return {row["name"]: row for row in client.get(PAGE, {"format": "json", **asked}).json()["settings"]}


def test_planted_secrets_are_nowhere(seer, read_anew, tmp_path):
    (tmp_path / "password").write_text("pl4nted-in-a-file")
    with read_anew(SECRETS | {"METRICS_PASSWORD_FILE": str(tmp_path / "password")}) as _, override_settings():
        page, told = seer.get(PAGE).content.decode(), rows(seer)
        assert "pl4nted" not in page + seer.get(PAGE, {"format": "json"}).content.decode()
    assert {name for name, row in told.items() if row["secret"] and row["is_set"]} == {
        *SECRETS.keys() - {"DATABASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "CSRF_TRUSTED_ORIGINS"},
        "METRICS_PASSWORD",
    }
    assert told["METRICS_PASSWORD"]["source"] == "file"
    assert told["DATABASE_URL"]["value"] == "postgresql://db.example.org:5433/…"
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"]["value"] == "https://collector.example.org:4318/…"


def test_no_secret_by_itself_or_in_a_file_is_on_any_page(seer, read_anew, tmp_path):
    """Every variable that is a secret, set and as a file, whatever new ones there will be."""
    names = [variable.name for variable in read_settings() if variable.kind == "secret"]
    assert {"ALERT_WEBHOOK_SECRET", "ALERT_TELEGRAM_TOKEN", "SECRET_KEY", "TURN_SECRET_KEY"} <= set(names)
    long = "pl4nted-" + "a" * 60
    for number, name in enumerate(names):
        (tmp_path / name).write_text(f"whsec_{long}" if name == "ALERT_WEBHOOK_SECRET" else f"{long}-{number}")
    with read_anew({f"{name}_FILE": str(tmp_path / name) for name in names}):
        for page in ("settings/", "processes/", "", "alerts/"):
            for asked in ({}, {"format": "json"}):
                answer = seer.get(f"/admin/monitoring/panel/{page}", asked)
                assert answer.status_code == 200
                assert "pl4nted" not in answer.content.decode()
        told = rows(seer)
    assert {told[name]["source"] for name in names} == {"file"}
    assert {told[name]["value"] for name in names} == {""}


def test_nothing_of_a_secret_is_kept_beside_the_page(read_anew):
    with read_anew(SECRETS):
        from django.conf import settings

        assert "pl4nted" not in repr(settings.VARIABLES)


def test_every_variable_of_the_readme_is_there_with_its_meaning(seer):
    told = rows(seer)
    assert len(VARIABLES) > 70
    for name, _default, meaning in VARIABLES:
        assert told[name]["meaning"] == meaning.replace("`", "").replace("\\|", "|"), name
    assert set(MEANINGS) == {name for name, _default, _meaning in VARIABLES}


def test_a_value_says_where_it_came_from(seer, read_anew):
    given = {"DESK_GONE_AFTER": "40", "DESK_ANSWER_WITHIN": "45", "DESK_WRAP_UP_S": " "}
    with read_anew(given, from_file={"DESK_ANSWER_WITHIN": "45"}):
        told = rows(seer)
        changed = rows(seer, source="changed", name="desk_")
    known = {name: (told[name]["value"], told[name]["source"]) for name in given}
    assert known == {
        "DESK_GONE_AFTER": ("40", "environment"),
        "DESK_ANSWER_WITHIN": ("45", ".env"),
        "DESK_WRAP_UP_S": ("60", "default"),
    }
    assert (told["DESK_GONE_AFTER"]["unit"], told["DESK_GONE_AFTER"]["default"]) == ("s", "35")
    assert {"DESK_GONE_AFTER", "DESK_ANSWER_WITHIN"} <= set(changed)
    assert not {"DESK_WRAP_UP_S", "JOB_TIMEOUT"} & set(changed)


def test_a_signing_key_that_nobody_set_says_that_it_is_the_one_of_the_data_folder(
    seer, read_anew, tmp_path, monkeypatch
):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with read_anew({"ADMINARA_DATA_DIR": str(tmp_path)}):
        told, page = rows(seer), seer.get(PAGE, {"name": "secret_key"}).content.decode()
        assert "SECRET_KEY" not in rows(seer, source="changed")
    key = (tmp_path / "secret_key").read_text()
    assert (told["SECRET_KEY"]["is_set"], told["SECRET_KEY"]["source"]) == (True, "made")
    assert (told["TURN_SECRET_KEY"]["is_set"], told["TURN_SECRET_KEY"]["source"]) == (False, "default")
    assert "set (secret)" in page
    assert "data folder</span>" in page
    assert key not in page


def test_the_page_shows_what_its_json_says(seer):
    page = unescape(re.sub(r"<[^>]+>", " ", seer.get(PAGE, {"name": "turn_realm"}).content.decode()))
    assert re.search(r"TURN_REALM\s+adminara\s+adminara\s+default\s+coturn's realm", page)
    assert "JOB_TIMEOUT" not in page
    nothing = seer.get(PAGE, {"name": "colour"}).content.decode()
    assert "No variable is like that" in nothing
    assert seer.get(PAGE, {"source": "moon"}).status_code == 400


@pytest.mark.parametrize("right", ["monitoring.view_panel", "monitoring.view_settings"])
def test_one_right_alone_does_not_open_it(client, right):
    client.force_login(make_staff("bo", right))
    assert client.get(PAGE).status_code == 403
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_the_tab_is_there_for_those_who_may(seer, client):
    assert f'href="{PAGE}"' in seer.get(PAGE).content.decode()
    client.force_login(make_staff("bo", "monitoring.view_panel"))
    assert f'href="{PAGE}"' not in client.get("/admin/monitoring/panel/processes/").content.decode()
