"""A real Prometheus for tests, configured as deploy/ says."""

import math
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server import ROOT, Server, free_port

installed = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed (Debian's package)"
)
DEPLOY = ROOT / "deploy/prometheus"


@contextmanager
def prometheus(folder: Path, server: Server) -> Iterator[httpx.Client]:
    """One that scrapes the server's two ports and looks at the rules every second, with room for exemplars."""
    port = free_port()
    configuration = (DEPLOY / "prometheus.yml").read_text().replace("interval: 10s", "interval: 1s")
    configuration = configuration.replace("9464", str(server.metrics_port)).replace(":8000", f":{server.port}")
    (folder / "prometheus.yml").write_text(configuration)
    shutil.copytree(DEPLOY / "rules", folder / "rules")
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        process.wait(20)


def values(client: httpx.Client, query: str) -> list[float]:
    """What the query answers, less the series without a value (NaN)."""
    asked = client.get("/api/v1/query", params={"query": query})
    if asked.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        asked.raise_for_status()  # it is starting: there is nothing to read yet
    answer = asked.json()
    assert answer["status"] == "success", f"{query}: {answer.get('error')}"
    numbers = [float(row["value"][1]) for row in answer["data"]["result"]]
    return [number for number in numbers if not math.isnan(number)]


def wait_until(condition: Callable[[], object], within_s: float = 40) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError("Prometheus did not get there")
