"""A real Prometheus scrapes a real exporter and answers the old system's four questions."""

import math
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.server import ROOT, Server, free_port, serving

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed (Debian's package)"
)

QUERIES = {
    "p95 of connection time": "histogram_quantile(0.95, sum by (le) (rate(webrtc_connection_time_bucket[5m])))",
    "p95 of connection time, as it was asked": "histogram_quantile(0.95, rate(webrtc_connection_time_bucket[5m]))",
    "mean wait": "rate(queue_wait_time_sum[5m]) / rate(queue_wait_time_count[5m])",
    "p99 of job time": "histogram_quantile(0.99, rate(job_processing_time_bucket[5m]))",
    "open spans": "active_spans",
}
RECORD = """
import django
django.setup()
from monitoring import profiler, start_span
from tests.integration.test_prometheus import drawn
with start_span("measuring") as span:
    for webrtc, job, wait in drawn():
        profiler.record("webrtc_connection_time", webrtc, role="customer")
        profiler.record("job_processing_time", job, job_name="session_cleanup")
        profiler.record("queue_wait_time", wait)
print(f"{span.get_span_context().trace_id:032x}")
"""
MEASURES = 3000
NAMES = ["webrtc_connection_time", "job_processing_time", "queue_wait_time"]  # in the order of what is drawn


def drawn() -> Iterator[tuple[float, float, float]]:
    """A connection time (lognormal), a job's time (long-tailed) and a wait (one of two, far apart), in milliseconds."""
    chance = random.Random(5)
    for _ in range(MEASURES):
        wait = chance.gauss(2_000, 300) if chance.random() < 0.7 else chance.gauss(57_000, 4_000)
        yield chance.lognormvariate(4.8, 0.5), 8 * chance.paretovariate(1.2), wait


@dataclass
class Scraped:
    """A Prometheus that has scraped a server which measured what was drawn."""

    client: httpx.Client
    server: Server
    trace_id: str

    def values(self, query: str) -> list[float]:
        return values(self.client, query)


@contextmanager
def prometheus(folder: Path, metrics_port: int) -> Iterator[httpx.Client]:
    """A Prometheus that scrapes every second as deploy/ says, with room for exemplars."""
    port = free_port()
    configuration = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
    (folder / "prometheus.yml").write_text(configuration.replace("9464", str(metrics_port)).replace("10s", "1s"))
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


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    with (
        serving(folder / "adminara", "export_metrics") as server,
        prometheus(folder, server.metrics_port) as client,
    ):
        wait_until(lambda: values(client, "queue_wait_time_count") == [0] and values(client, "active_spans"))
        environment = server.environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings"}
        recorded = subprocess.run(
            [sys.executable, "-c", RECORD],
            env=environment, cwd=ROOT, check=True, timeout=60, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        wait_until(lambda: values(client, "queue_wait_time_count") == [MEASURES])
        time.sleep(2)
        yield Scraped(client, server, recorded.stdout.strip())


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


def test_the_four_queries_return_what_is_true(scraped):
    webrtc, job, wait = (sorted(durations) for durations in zip(*drawn(), strict=True))
    answers = {name: scraped.values(query) for name, query in QUERIES.items()}
    customer = answers["p95 of connection time, as it was asked"]
    assert customer == [pytest.approx(webrtc[int(0.95 * MEASURES)], rel=0.05)]
    assert answers["p95 of connection time"] == pytest.approx(customer)
    assert answers["p99 of job time"] == [pytest.approx(job[int(0.99 * MEASURES)], rel=0.05)]
    assert answers["mean wait"] == [pytest.approx(sum(wait) / MEASURES, rel=0.01)]
    assert len(answers["open spans"]) == 1


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("name", NAMES)
def test_percentiles_are_within_a_twentieth_whatever_the_shape(scraped, name, q):
    durations = sorted(measures[NAMES.index(name)] for measures in drawn())
    assert scraped.values(f"histogram_quantile({q}, rate({name}_bucket[5m]))") == [
        pytest.approx(durations[int(q * MEASURES)], rel=0.05)
    ]


def test_prometheus_leads_from_a_bucket_to_a_trace(scraped):
    asked = {"query": "queue_wait_time_bucket", "start": time.time() - 600, "end": time.time() + 60}
    answer = scraped.client.get("/api/v1/query_exemplars", params=asked).json()
    exemplars = [exemplar for series in answer["data"] for exemplar in series["exemplars"]]
    assert {exemplar["labels"]["trace_id"] for exemplar in exemplars} == {scraped.trace_id}
    assert max(float(exemplar["value"]) for exemplar in exemplars) == max(wait for _, _, wait in drawn())


def test_what_is_exported_is_as_prometheus_wants_it(scraped):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    text = httpx.get(f"{scraped.server.url}/metrics", trust_env=False).text
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    # The old system's names have no unit at their end, on purpose; nothing else may be wrong.
    assert "error while linting" not in checked.stderr
