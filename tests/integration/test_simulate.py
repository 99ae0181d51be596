"""A simulated day against a real server in processes of its own, and what stops one from beginning."""

import json
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.server import Server, free_port, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("data"), "qcluster", DESK_GONE_AFTER="5") as running:
        hired = running.manage("demo_staff", "--count", "2")
        assert hired.returncode == 0, hired.stderr
        yield running


def simulate(url: str, credentials: Path, **options: object) -> None:
    call_command("simulate", url=[url], credentials=credentials, verbosity=0, **options)


def test_a_small_day_ends_with_everybody_served_or_gone(server: Server) -> None:
    crowd = ("--customers", "20", "--staff", "2", "--speed", "600")
    day = server.manage("simulate", *crowd, "--url", server.url)
    assert day.returncode == 0, day.stdout + day.stderr + server.log("serve").read_text()
    numbers = {line[:28].strip(): line[28:].split() for line in day.stdout.splitlines()}
    assert numbers["joined"] == ["20", "20", "agrees"]
    assert numbers["still open"] == ["0", "0", "agrees"]
    assert numbers["errors"] == ["0"], day.stdout
    assert int(numbers["served"][0]) > 0
    assert 0 < float(numbers["wait, mean"][0]) <= float(numbers["wait, 95 % within"][0]) < 60
    assert "20/20" in day.stderr  # the progress bar
    states = "StaffPeriod.objects.values_list('state', 'ended_at')"
    lived = server.manage("shell", "-c", f"from sessions_app.models import StaffPeriod; print([*{states}])").stdout
    assert all(f"'{state}'" in lived for state in ("available", "in_call", "wrap_up"))
    assert "None" not in lived  # they went off duty


def test_a_wrong_password_is_said(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "staff.json"
    file.write_text(json.dumps({"demo1": "wrong"}))
    with pytest.raises(CommandError, match="does not accept the password of demo1"):
        simulate(server.url, file, staff=1, customers=1)


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    file = tmp_path / "staff.json"
    file.write_text(json.dumps({"demo1": "secret"}))
    with pytest.raises(CommandError, match=r"No server answers at http://127\.0\.0\.1"):
        simulate(f"http://127.0.0.1:{free_port()}", file, staff=1, customers=1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, r"cannot be read \(No such file or directory\)"),
        ("nonsense", "does not hold user names and passwords"),
        ("[1]", "does not hold user names and passwords"),
        ('{"demo1": "secret"}', "holds 1 members of staff, not 2"),
    ],
)
def test_credentials_that_cannot_be_used_are_said(tmp_path: Path, content: str | None, sentence: str) -> None:
    file = tmp_path / "staff.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError, match=sentence):
        simulate("http://127.0.0.1:1", file, staff=2)


def test_a_server_elsewhere_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^example\.com is not this machine"):
        simulate("http://example.com", tmp_path / "staff.json")


@pytest.mark.django_db
def test_demo_staff_may_log_in_and_get_new_passwords_when_hired_again(tmp_path: Path) -> None:
    file = tmp_path / "staff.json"
    file.write_text("")
    file.chmod(0o644)
    passwords = []
    for _ in range(2):
        call_command("demo_staff", count=2, file=file, verbosity=0)
        passwords.append(json.loads(file.read_text()))
        assert S_IMODE(file.stat().st_mode) == 0o600
    assert passwords[0].keys() == passwords[1].keys() == {"demo1", "demo2"}
    assert passwords[0]["demo1"] != passwords[1]["demo1"]
    user = User.objects.get(username="demo1")
    assert user.check_password(passwords[1]["demo1"])
    assert user.is_staff
    assert user.has_perm("sessions_app.work_desk")
    assert not user.has_perm("monitoring.view_panel")
    assert User.objects.count() == 2


@pytest.mark.django_db
def test_a_file_that_cannot_be_written_leaves_the_passwords_alone(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("demo_staff", count=1, file=tmp_path / "missing" / "staff.json")
    assert not User.objects.exists()
