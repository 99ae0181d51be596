"""`make run` as an operator meets it: one command up, one signal down, one sentence when it cannot start."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests import own_services
from tests.server import ROOT, free_port


@pytest.fixture
def settings_of_run(tmp_path):
    services = own_services.create() if own_services.ON_SERVICES else {}
    own = {
        "ENV_FILE": os.devnull,
        "ADMINARA_DATA_DIR": str(tmp_path / "data"),
        "ADMINARA_PORT": str(free_port()),
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(free_port()),
    }
    yield own_services.embedded() | own | services
    own_services.drop(services)


def processes_of(environment: dict[str, str]) -> list[str]:
    """Every process that runs with this installation's data folder."""
    mark = f"ADMINARA_DATA_DIR={environment['ADMINARA_DATA_DIR']}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


class Run:
    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = environment, log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                ["make", "run"], cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def get(self, address: str, *, metrics: bool = False) -> httpx.Response:
        port = self.environment["OTEL_EXPORTER_PROMETHEUS_PORT" if metrics else "ADMINARA_PORT"]
        return httpx.get(f"http://127.0.0.1:{port}{address}", trust_env=False, verify=False, timeout=10)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/readyz").status_code == 200 and self.get("/metrics", metrics=True).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def end(self, sent: signal.Signals) -> float:
        """Send a signal to the foreground group, as a terminal does; the seconds until no process is left."""
        began = time.monotonic()
        os.killpg(self.process.pid, sent)
        self.process.wait(15)
        while processes_of(self.environment) and time.monotonic() - began < 15:
            time.sleep(0.1)
        return time.monotonic() - began


def test_it_comes_up_says_the_password_once_and_goes_down_without_a_trace(settings_of_run, tmp_path):
    first = Run(settings_of_run, tmp_path / "first.log")
    try:
        first.wait_until_ready()
        passwords = re.findall(r"as admin with the password (\S+)", first.log.read_text())
        assert len(passwords) == 1
        assert "active_spans" in first.get("/metrics", metrics=True).text
    finally:
        seconds = first.end(signal.SIGTERM)
    assert processes_of(settings_of_run) == []
    assert seconds < 10

    second = Run(settings_of_run, tmp_path / "second.log")
    try:
        second.wait_until_ready()
        assert "password" not in second.log.read_text()
    finally:
        seconds = second.end(signal.SIGINT)
    assert processes_of(settings_of_run) == []
    assert seconds < 10


@pytest.mark.parametrize("variable", ["ADMINARA_PORT", "OTEL_EXPORTER_PROMETHEUS_PORT"])
def test_a_port_that_is_taken_is_named(settings_of_run, variable):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(settings_of_run[variable])))
        taken.listen()
        result = subprocess.run(
            ["make", "run"], cwd=ROOT, env=settings_of_run, capture_output=True, text=True, timeout=60, check=False
        )
    assert result.returncode != 0
    assert settings_of_run[variable] in result.stderr
    assert variable in result.stderr
    assert "Traceback" not in result.stderr
    assert processes_of(settings_of_run) == []


def test_a_bad_value_is_named(settings_of_run):
    result = subprocess.run(
        ["make", "run"],
        cwd=ROOT,
        env=settings_of_run | {"ENABLE_TRACING": "perhaps"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode != 0
    assert "ENABLE_TRACING='perhaps' cannot be used: it must be true or false." in result.stderr
    assert "Traceback" not in result.stderr
