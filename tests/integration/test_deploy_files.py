"""What starts AdminAra elsewhere: the image, the services around it and the units know the program as it is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from adminara import env
from tests.server import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE, COMPOSE = ((DEPLOY / "docker" / name).read_text() for name in ("Dockerfile", "compose.yaml"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def in_the_image():
    """The paths of the repository that the Dockerfile copies."""
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M)
    return {path for line in copied for path in line.split()}


def test_the_image_has_what_the_program_is_made_of_and_nothing_else():
    let_through = (DEPLOY / "docker/Dockerfile.dockerignore").read_text().split()
    assert let_through[0] == "*"
    assert {line[1:] for line in let_through if line[0] == "!"} == in_the_image()
    assert [path for path in in_the_image() if not (ROOT / path).exists()] == []
    apps = {name.partition(".")[0] for name in settings.INSTALLED_APPS if (ROOT / name.partition(".")[0]).exists()}
    folders = {*settings.STATICFILES_DIRS, *settings.TEMPLATES[0]["DIRS"]}
    assert {*apps, "adminara", "manage.py", *(str(Path(path).relative_to(ROOT)) for path in folders)} <= in_the_image()


def test_services_and_units_run_commands_that_there_are():
    started = re.findall(r"manage\.py,? (\w+)", COMPOSE + "".join(unit.read_text() for unit in UNITS))
    started += re.findall(r'"manage.py", "(\w+)"', DOCKERFILE)
    assert len(started) == 9
    assert set(started) == {"prepare", "serve", "qcluster", "export_metrics"} & set(get_commands())


def test_they_set_variables_that_are_read():
    example = (DEPLOY / "systemd/environment.example").read_text()
    block = COMPOSE.partition("environment: &environment\n")[2].partition("  env_file")[0]
    named = re.findall(r"^#?([A-Z_]+)=", example, re.M) + re.findall(r"^    ([A-Z_]+):", block, re.M)
    assert len(named) > 20
    assert {name.removesuffix("_FILE") for name in named} <= {variable.name for variable in env.read.all()}


def test_files_that_are_mounted_and_secrets_that_are_asked_for_are_there():
    mounted = re.findall(r"[\"\s](\.\.?/[\w./-]+):/", COMPOSE)
    assert len(mounted) == 5
    assert [path for path in mounted if not (DEPLOY / "docker" / path).exists()] == []
    asked = set(re.findall(r"/run/secrets/(\w+)", COMPOSE + (DEPLOY / "docker/prometheus.yml").read_text()))
    given = set(re.findall(r"^  (\w+): \{file: \./secrets/\1\}$", COMPOSE, re.M))
    made = set(re.search(r"for name in (.+); do openssl", (DEPLOY / "README.md").read_text())[1].split())
    assert asked == given == made | {"database_url"}


@systemd
def test_systemd_takes_the_units_and_finds_them_closed(tmp_path):
    shutil.copytree(DEPLOY / "systemd", tmp_path, dirs_exist_ok=True)
    for unit in tmp_path.glob("*.service"):
        unit.write_text(unit.read_text().replace("/srv/adminara/.venv/bin/python", sys.executable))
    units = [str(path) for path in tmp_path.iterdir() if path.suffix in {".service", ".target"}]
    taken = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (taken.returncode, taken.stderr) == (0, "")
    for unit in UNITS:  # of ten: 0 is a unit that can do nothing, 10 one that is not held back at all
        most = 40 if unit.stem == "adminara-worker" else 20
        closed = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", str(tmp_path / unit.name)]
        subprocess.run(closed, capture_output=True, check=True)
