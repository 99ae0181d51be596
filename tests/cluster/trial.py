"""The trial: load, faults, what was seen meanwhile, and the reckoning when all are gone."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import programs
from tests.cluster import faults
from tests.cluster.faults import Fault
from tests.cluster.hosts import GONE_AFTER_S, REDELIVERY_S, RESTART_S, Cluster, cluster
from tests.cluster.jobs import Jobs, enqueuing, median_ms
from tests.cluster.probes import Console, Customer, Joins, Probe, Readiness, running, until
from tests.cluster.watching import Rounds, Row, Watch
from tests.programs import Program

PATIENCE_S = 60  # for what was hit to work again
NOTHING = "nothing, for comparison"
OPEN = "SELECT count(*) FROM sessions_app_supportsession WHERE ended_at IS NULL"
CLAIMED = "SELECT count(*) FROM sessions_app_queueentry WHERE departure = 'claimed'"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How large a trial is. `speed` simulated seconds pass in a real one; a day of arrivals has 10,800 of them."""

    faults: Sequence[Fault]
    customers: int
    staff: int
    speed: int
    settle_s: float
    calm_s: float
    elsewhere_s: float
    """How long jobs run with the workers of the other host alone."""


FULL = Plan(faults.ALL, customers=300, staff=8, speed=45, settle_s=14, calm_s=15, elsewhere_s=20)
SHORT = Plan(
    (faults.WEB_1, faults.JOBS_1, faults.REDIS, faults.POSTGRESQL),
    customers=30, staff=3, speed=340, settle_s=2, calm_s=1, elsewhere_s=3,
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    rows: list[Row]
    simulated: dict[str, int]
    """What the simulation's clients counted."""
    joins: Joins
    kills: list[float]
    takeovers_s: list[float]
    """From each kill to the next round of compaction."""
    elsewhere_ms: float
    elsewhere: int
    ran_twice: int
    never_ran: int
    loaded: bool
    """Whether there was load until the last fault was over."""


def run(plan: Plan, reckon: Callable[[Cluster, Outcome], object], say: Say) -> Outcome:
    """Live through it; `reckon` is called at the end, while all still runs."""
    with tempfile.TemporaryDirectory(prefix="adminara-cluster-") as folder, cluster(Path(folder)) as there:
        say("Two hosts are up.")
        passwords = there.hire(plan.staff + len(there.hosts))
        joins, kills = Joins(), list[float]()
        with (
            Rounds(there.database.url) as rounds,
            enqueuing(there.hosts[0].server, there.folder / "jobs") as jobs,
            simulated(there, plan) as load,
        ):
            watch = Watch(probes(there, joins, list(passwords.items())[plan.staff :]), jobs, rounds)
            with running(*watch.probes):
                rows = list(gone_through(plan, there, watch, kills, say))
            loaded = load.poll() is None
            elsewhere = with_workers_elsewhere(plan, there, jobs)
            say("The load runs out.")
            load.wait()
        sweep(there, jobs)
        outcome = Outcome(
            rows=rows,
            simulated=counted(there.folder / "simulate.log"),
            joins=joins,
            kills=kills,
            takeovers_s=[rounds.after(at) for at in kills],
            elsewhere_ms=median_ms(elsewhere),
            elsewhere=len(elsewhere),
            ran_twice=jobs.twice(),
            never_ran=jobs.lost(),
            loaded=loaded,
        )
        reckon(there, outcome)
    return outcome


def probes(there: Cluster, joins: Joins, watchers: list[tuple[str, str]]) -> list[Probe]:
    consoles = [Console(host.server, *who) for host, who in zip(there.hosts, watchers, strict=True)]
    others = [probe for host in there.hosts for probe in (Customer(host.server, joins), Readiness(host.server))]
    return [*consoles, *others]


@contextmanager
def simulated(there: Cluster, plan: Plan) -> Iterator[Program | subprocess.Popen[bytes]]:
    crowd = [f"--customers={plan.customers}", f"--staff={plan.staff}", f"--speed={plan.speed}", "--verbosity=0"]
    urls = [f"--url={host.server.url}" for host in there.hosts]
    with (there.folder / "simulate.log").open("w") as log:
        environment = there.hosts[0].server.environment
        process = programs.start(["manage.py", "simulate", *crowd, *urls], environment, log, log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def gone_through(plan: Plan, there: Cluster, watch: Watch, kills: list[float], say: Say) -> Iterator[Row]:
    assert until(lambda: watch.is_well() and there.number(CLAIMED), PATIENCE_S), "not everything works yet"
    since = time.time()
    time.sleep(plan.calm_s)
    yield watch.row(NOTHING, since)
    for fault in plan.faults:
        say(fault.what)
        since = time.time()
        if fault.kills:
            kills.append(since)
        fault.inflict(there)
        time.sleep(RESTART_S + plan.settle_s)
        assert until(watch.is_well, PATIENCE_S), f"{fault.what}: not everything works again"
        yield watch.row(fault.what, since)


def with_workers_elsewhere(plan: Plan, there: Cluster, jobs: Jobs) -> dict[int, float]:
    """How long jobs waited that were enqueued on the first host while only the second one had workers."""
    there.hosts[0].supervisor.let_go("qcluster")
    since = time.time()
    time.sleep(plan.elsewhere_s)
    return jobs.waits(since, time.time() - 0.5)


def sweep(there: Cluster, jobs: Jobs) -> None:
    """Wait until the vanished are known to be gone, and jobs of killed workers were handed out again; clean up."""
    until(lambda: not there.number(OPEN) and not jobs.lost(), 2 * max(GONE_AFTER_S, REDELIVERY_S))
    swept = there.hosts[1].server.manage("session_cleanup")
    assert swept.returncode == 0, swept.stderr


def counted(file: Path) -> dict[str, int]:
    """The clients' column of the simulation's table; the server's own has the probes in it, too."""
    found: dict[str, int] = {}
    for line in file.read_text().splitlines():
        name, numbers = line[:28].strip(), line[28:].split()
        if name and numbers and numbers[0].isdigit():
            found[name] = int(numbers[0])
    assert "joined" in found, file.read_text()
    return found
