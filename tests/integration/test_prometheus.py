"""A real Prometheus scrapes a real exporter and answers the old system's four questions."""

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
            yield server, httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        finally:
            process.terminate()
            process.wait(20)


def ask(client: httpx.Client, query: str) -> list[tuple[dict[str, str], float]]:
    answer = client.get("/api/v1/query", params={"query": query}).json()
    return [(row["metric"], float(row["value"][1])) for row in answer["data"]["result"]]


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
    wait_until(lambda: ask(client, "queue_wait_time_count")[0][1] == 0 and len(ask(client, "active_spans")) == 1)
    environment = server.environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings"}
    subprocess.run([sys.executable, "-c", RECORD], env=environment, cwd=ROOT, check=True, timeout=60)
    wait_until(lambda: ask(client, "queue_wait_time_count")[0][1] == 3000)
    time.sleep(2)

    true = truth()
    answers = {name: ask(client, query) for name, query in QUERIES.items()}
    customer = [value for labels, value in answers["p95 of connection time, as it was asked"] if value == value]
    jobs = [value for labels, value in answers["p99 of job time"] if value == value]
    assert customer == [pytest.approx(true["webrtc"][int(0.95 * 3000)], rel=0.05)]
    assert answers["p95 of connection time"][0][1] == pytest.approx(customer[0])
    assert jobs == [pytest.approx(true["job"][int(0.99 * 3000)], rel=0.05)]
    assert answers["mean wait"][0][1] == pytest.approx(sum(true["wait"]) / 3000, rel=0.01)
    assert answers["p95 of wait"][0][1] == pytest.approx(true["wait"][int(0.95 * 3000)], rel=0.05)
    assert answers["open spans"][0][1] >= 0


def test_what_is_exported_is_as_prometheus_wants_it(prometheus):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    server, _ = prometheus
    text = httpx.get(f"http://127.0.0.1:{server.metrics_port}/metrics", trust_env=False).text
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    # The old system's names have no unit at their end, on purpose; nothing else may be wrong.
    assert "error while linting" not in checked.stderr
