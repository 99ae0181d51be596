"""A real Prometheus scrapes a real exporter and answers the old system's four questions."""

import math
import random
import shutil
import subprocess
import sys
import time

import httpx
import pytest

from tests.server import ROOT, free_port, serving

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed (Debian's package)"
)

QUERIES = {
    "p95 of connection time": "histogram_quantile(0.95, sum by (le) (rate(webrtc_connection_time_bucket[5m])))",
    "p95 of connection time, as it was asked": "histogram_quantile(0.95, rate(webrtc_connection_time_bucket[5m]))",
    "mean wait": "rate(queue_wait_time_sum[5m]) / rate(queue_wait_time_count[5m])",
    "p99 of job time": "histogram_quantile(0.99, rate(job_processing_time_bucket[5m]))",
    "p95 of wait": "histogram_quantile(0.95, rate(queue_wait_time_bucket[5m]))",
    "open spans": "active_spans",
}
RECORD = """
import django, random
django.setup()
from monitoring import profiler
chance = random.Random(5)
for _ in range(3000):
    profiler.record("webrtc_connection_time", chance.lognormvariate(4.8, 0.5), role="customer")
    profiler.record("job_processing_time", chance.lognormvariate(3.0, 0.8), job_name="session_cleanup")
    profiler.record("queue_wait_time", chance.choice((chance.gauss(2_000, 300), chance.gauss(57_000, 4_000))))
"""


def truth() -> dict[str, list[float]]:
    chance, values = random.Random(5), {"webrtc": [], "job": [], "wait": []}
    for _ in range(3000):
        values["webrtc"].append(chance.lognormvariate(4.8, 0.5))
        values["job"].append(chance.lognormvariate(3.0, 0.8))
        values["wait"].append(chance.choice((chance.gauss(2_000, 300), chance.gauss(57_000, 4_000))))
    return {name: sorted(numbers) for name, numbers in values.items()}


@pytest.fixture
def prometheus(tmp_path):
    with serving(tmp_path / "adminara", "export_metrics") as server:
        port = free_port()
        configuration = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
        configuration = configuration.replace("9464", str(server.metrics_port)).replace("10s", "1s")
        (tmp_path / "prometheus.yml").write_text(configuration)
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                yield server, client
        finally:
            process.terminate()
            process.wait(20)


def values(client: httpx.Client, query: str) -> list[float]:
    """What the query answers, less the series without a value (NaN)."""
    answer = client.get("/api/v1/query", params={"query": query}).json()
    numbers = [float(row["value"][1]) for row in answer["data"]["result"]]
    return [number for number in numbers if not math.isnan(number)]


def wait_until(condition, within_s: float = 40) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError("Prometheus did not get there")


def test_the_four_queries_return_what_is_true(prometheus):
    server, client = prometheus
    wait_until(lambda: values(client, "queue_wait_time_count") == [0] and values(client, "active_spans"))
    environment = server.environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings"}
    subprocess.run([sys.executable, "-c", RECORD], env=environment, cwd=ROOT, check=True, timeout=60)
    wait_until(lambda: values(client, "queue_wait_time_count") == [3000])
    time.sleep(2)

    true = truth()
    answers = {name: values(client, query) for name, query in QUERIES.items()}
    customer = answers["p95 of connection time, as it was asked"]
    assert customer == [pytest.approx(true["webrtc"][int(0.95 * 3000)], rel=0.05)]
    assert answers["p95 of connection time"] == pytest.approx(customer)
    assert answers["p99 of job time"] == [pytest.approx(true["job"][int(0.99 * 3000)], rel=0.05)]
    assert answers["mean wait"] == [pytest.approx(sum(true["wait"]) / 3000, rel=0.01)]
    assert answers["p95 of wait"] == [pytest.approx(true["wait"][int(0.95 * 3000)], rel=0.05)]
    assert len(answers["open spans"]) == 1


def test_what_is_exported_is_as_prometheus_wants_it(prometheus):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    server, _ = prometheus
    text = httpx.get(f"{server.url}/metrics", trust_env=False).text
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    # The old system's names have no unit at their end, on purpose; nothing else may be wrong.
    assert "error while linting" not in checked.stderr
