"""The documentation is held to the code: what an operator can set, see or run is in the README's reference."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from monitoring.instruments import declared

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
CALLS = r"env\.(?!export)\w+\(\s*\"([A-Z_]+)\""
VARIABLES = re.findall(CALLS, (ROOT / "adminara/settings.py").read_text())
FOR_PROCESSES = {"PROMETHEUS_MULTIPROC_DIR", "ENV_FILE"}  # read before there are settings, or set by the Procfile
COMMANDS = [name for name, app in get_commands().items() if app in {"monitoring", "sessions_app"}]
CHECKS = sorted({check for path in ROOT.glob("*/checks.py") for check in re.findall(r"id=\"(\S+)\"", path.read_text())})


@pytest.mark.parametrize("variable", sorted({*VARIABLES} - FOR_PROCESSES))
def test_every_environment_variable_is_in_the_readme_and_in_the_example(variable):
    assert f"`{variable}`" in README
    assert variable in (ROOT / ".env.example").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert f"`{command}" in README


@pytest.mark.parametrize("name", sorted(declared))
def test_every_metric_is_in_the_readme(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_is_in_the_readme(check):
    assert f"`{check}`" in README


def test_the_readme_names_nothing_that_is_gone():
    table = README.partition("## Reference")[2]
    variables = set(re.findall(r"^\| `([A-Z][A-Z_]+)`", table, re.M))
    assert variables == set(VARIABLES) | FOR_PROCESSES


def test_the_changelog_is_the_versions_source():
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert newest
    assert newest[1] == settings.VERSION


def test_pictures_that_the_readme_shows_exist():
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()


def test_nothing_of_third_parties_is_in_the_repository():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not re.findall(r"^.*(?:\.min\.(?:js|css)|/vendor/.*|htmx[^/]*\.js)$", tracked, re.M)
