"""While four processes measure: page, JSON, command line and both /metrics say the same, and it is the truth."""

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from math import ceil

import httpx
import pytest

from tests.measuring import EACH, SERIES, Planned, plan
from tests.server import ROOT, Server, serving
from tests.web import browser, log_in

PASSWORD = "correct horse battery"
WRITERS, ROUNDS = 4, 5
NAMES = {name for name, _ in SERIES}
EXPORTED = NAMES - {"render"}  # which nobody declared
PAGE = "/admin/monitoring/panel/bottlenecks/"
START = "import sys, django; django.setup(); from tests.measuring import main; main(sys.argv[1])"


class Programs:
    """Four programs that measure round by round."""

    def __init__(self, environment: dict[str, str]) -> None:
        environment = environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings"}
        self.running = [
            subprocess.Popen(
                [sys.executable, "-c", START, str(number)],
                env=environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(WRITERS)
        ]

    def begin(self, number: int) -> None:
        for program in self.running:
            program.stdin.write(f"{number}\n")
            program.stdin.flush()

    def have_written(self) -> None:
        assert [program.stdout.readline() for program in self.running] == ["written\n"] * WRITERS

    def end(self) -> None:
        for program in self.running:
            program.stdin.close()
            assert program.wait(20) == 0
            program.stdout.close()


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path, "export_metrics") as server:
        server.add_superuser("ana", PASSWORD)
        yield server


@pytest.fixture
def staff(server):
    with browser(server) as staff:
        log_in(staff, "ana", PASSWORD)
        yield staff


@pytest.fixture
def programs(server):
    programs = Programs(server.environment)
    yield programs
    programs.end()


def measured(rounds: int) -> dict[str, list[Planned]]:
    """The truth: all that was measured in the first rounds, by name."""
    truth = defaultdict(list)
    for writer in range(WRITERS):
        for number in range(rounds):
            for measure in plan(writer, number):
                truth[measure.name].append(measure)
    return truth


def p95(values: list[float]) -> float:
    return sorted(values)[ceil(0.95 * len(values)) - 1]


def rows_of(report: dict) -> dict[str, dict]:
    return {row["name"]: row for row in report["rows"] if row["name"] in NAMES}


def on_the_page(page: str) -> dict[str, tuple[int, int]]:
    """Count and failures of each name as people read them."""
    row = r'>({name})</a>.*?<td class="n">([\d,]+)</td>\s*<td class="n(?: bad)?">(?:✕ )?([\d,]+)</td>'
    found = (re.search(row.format(name=name), page, re.S) for name in NAMES)
    return {one[1]: (int(one[2].replace(",", "")), int(one[3].replace(",", ""))) for one in found if one}


class Scrape:
    """What a /metrics says of the exported histograms, by name and labels."""

    def __init__(self, text: str) -> None:
        self.text = text

    def value(self, name: str, labels: dict[str, str]) -> float:
        written = ",".join(f'{label}="{value}"' for label, value in labels.items())
        series = f"{name}{{{written}}}" if written else name
        return float(re.search(rf"^{re.escape(series)} (\S+)$", self.text, re.M)[1])

    def counts(self) -> dict[str, int]:
        counts = Counter()
        for name, labels in SERIES:
            if name in EXPORTED:
                counts[name] += int(self.value(f"{name}_count", labels))
        return dict(counts)

    def quantile(self, name: str, q: float) -> float:
        """As Prometheus' histogram_quantile has it: by the bucket where the rank falls, linearly within it."""
        buckets = Counter()
        for le, count in re.findall(rf'^{name}_bucket{{(?:.*,)?le="([^"]+)".*?}} (\S+)$', self.text, re.M):
            buckets[float(le)] += float(count)
        low, below = 0.0, 0.0
        for bound, count in sorted(buckets.items()):
            if count >= q * buckets[float("inf")]:
                return low + (bound - low) * (q * buckets[float("inf")] - below) / (count - below)
            low, below = bound, count
        raise AssertionError(name)


def scraped(server: Server) -> list[Scrape]:
    """From the web server and from the exporter's own port."""
    ports = server.port, server.metrics_port
    return [Scrape(httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text) for port in ports]


def check_that_all_agree(server: Server, staff: httpx.Client, rounds: int) -> None:
    """At a moment when nobody measures."""
    truth = measured(rounds)
    counts = {name: len(measures) for name, measures in truth.items()}
    failed = {name: sum(not measure.ok for measure in measures) for name, measures in truth.items()}
    by_json = rows_of(staff.get(PAGE, params={"format": "json"}).json())
    by_command = rows_of(json.loads(server.manage("bottlenecks", "--window=1h", "--format=json").stdout))
    page = on_the_page(staff.get(PAGE).text)

    assert by_json.keys() == by_command.keys() == NAMES
    for name, measures in truth.items():
        assert page[name] == (counts[name], failed[name])
        for field in ("count", "errors", "over", "p50", "p95", "p99", "max"):
            assert by_json[name][field] == by_command[name][field]
        total = sum(measure.ms for measure in measures)
        assert (by_json[name]["count"], by_json[name]["errors"]) == (counts[name], failed[name])
        assert by_json[name]["total"] == pytest.approx(total, rel=1e-9)
        assert by_json[name]["p95"] == pytest.approx(p95([measure.ms for measure in measures]), rel=0.011)
    for scrape in scraped(server):
        assert scrape.counts() == {name: counts[name] for name in EXPORTED}
        for name in EXPORTED:
            true = p95([measure.ms for measure in truth[name]])
            assert scrape.quantile(name, 0.95) == pytest.approx(true, rel=0.05)
        for name, labels in SERIES:
            if name in EXPORTED:
                these = [measure.ms for measure in truth[name] if measure.labels == labels]
                assert scrape.value(f"{name}_sum", labels) == pytest.approx(sum(these), rel=1e-9)


def watch(server: Server, staff: httpx.Client, rounds: int) -> None:
    """While a round goes on: what is told never falls, and never exceeds what the round can have brought."""
    told = {name: len(measured(rounds)[name]) for name in NAMES}
    most = {name: len(measures) for name, measures in measured(rounds + 1).items()}
    for look in range(12):
        if look % 3 == 0:
            rows = rows_of(staff.get(PAGE, params={"format": "json"}).json())
            now = {name: row["count"] for name, row in rows.items()}
        elif look % 3 == 1:
            now = {name: count for name, (count, _) in on_the_page(staff.get(PAGE).text).items()}
        else:
            now = scraped(server)[look // 3 % 2].counts()
        for name, count in now.items():
            assert told[name] <= count <= most[name]
        told |= now


def test_every_way_to_ask_tells_the_truth_while_four_processes_measure(server, staff, programs):
    for number in range(ROUNDS):
        programs.begin(number)
        watch(server, staff, number)
        programs.have_written()
        check_that_all_agree(server, staff, number + 1)
    assert len(measured(ROUNDS)["webrtc_connection_time"]) == WRITERS * ROUNDS * 2 * EACH
    ((merged,),) = server.telemetry("SELECT count(*) FROM monitoring_rollup WHERE resolution = 60")
    assert merged > 0, "nothing was merged while they measured"
