"""A real Prometheus scrapes a real exporter and answers the old system's four questions."""

import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests import programs
from tests.prometheus import installed, prometheus, values, wait_until
from tests.server import Server, serving

pytestmark = installed
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

    def value(self, query: str) -> float:
        """What both ports agree on."""
        web, exporter = values(self.client, query)
        assert web == pytest.approx(exporter, rel=0.02)
        return exporter


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    with (
        serving(folder / "adminara", "export_metrics") as server,
        prometheus(folder, server) as client,
    ):
        wait_until(lambda: values(client, "queue_wait_time_count") == [0, 0] and values(client, "active_spans"))
        environment = server.environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings"}
        recorded = programs.run(["-c", RECORD], environment)
        recorded.check_returncode()
        wait_until(lambda: values(client, "queue_wait_time_count") == [MEASURES] * 2)
        time.sleep(2)
        yield Scraped(client, server, recorded.stdout.strip())


def test_the_four_queries_return_what_is_true(scraped):
    webrtc, job, wait = (sorted(durations) for durations in zip(*drawn(), strict=True))
    p95 = pytest.approx(webrtc[int(0.95 * MEASURES)], rel=0.05)
    assert scraped.value("histogram_quantile(0.95, rate(webrtc_connection_time_bucket[5m]))") == p95
    (over_both,) = values(
        scraped.client, "histogram_quantile(0.95, sum by (le) (rate(webrtc_connection_time_bucket[5m])))"
    )
    assert over_both == p95
    p99 = pytest.approx(job[int(0.99 * MEASURES)], rel=0.05)
    assert scraped.value("histogram_quantile(0.99, rate(job_processing_time_bucket[5m]))") == p99
    mean = pytest.approx(sum(wait) / MEASURES, rel=0.01)
    assert scraped.value("rate(queue_wait_time_sum[5m]) / rate(queue_wait_time_count[5m])") == mean
    assert len(values(scraped.client, "active_spans")) == 2


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("name", NAMES)
def test_percentiles_are_within_a_twentieth_whatever_the_shape(scraped, name, q):
    durations = sorted(measures[NAMES.index(name)] for measures in drawn())
    asked = scraped.value(f"histogram_quantile({q}, rate({name}_bucket[5m]))")
    assert asked == pytest.approx(durations[int(q * MEASURES)], rel=0.05)


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
