"""Everything that looks on while the cluster is hurt, and one line for each fault of what it saw."""

import threading
import time
from collections import Counter
from dataclasses import dataclass

import psycopg

from tests.cluster.jobs import Jobs
from tests.cluster.probes import Probe, Seen

LOOK_S = 0.05


@dataclass(frozen=True)
class Row:
    """One fault as it was seen: downtimes in seconds by what did not work and where, and what was refused."""

    what: str
    downtimes: dict[str, float]
    refused: Counter[str]
    job_wait_s: float


class Rounds:
    """When telemetry was compacted, by whichever process: their common row tells when the last round began."""

    def __init__(self, address: str) -> None:
        self.at: list[float] = []
        self._address, self._over = address, threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rounds", daemon=True)

    def __enter__(self) -> "Rounds":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def after(self, moment: float) -> float:
        """The seconds from `moment` to when the next round was there to be seen."""
        return min((at for at in self.at if at > moment), default=float("inf")) - moment

    def _watch(self) -> None:
        last = None
        while not self._over.is_set():
            try:
                with psycopg.connect(self._address, options="-c search_path=telemetry", autocommit=True) as connection:
                    while not self._over.wait(LOOK_S):
                        row = connection.execute("SELECT compacted_at FROM monitoring_leader").fetchone()
                        if row != last:
                            last = row
                            self.at.append(time.time())
            except psycopg.Error:  # the server is away
                time.sleep(LOOK_S)


@dataclass(frozen=True)
class Watch:
    probes: list[Probe]
    jobs: Jobs
    rounds: Rounds

    def seen(self) -> dict[str, Seen]:
        """By what and the host's number; jobs are of both hosts."""
        numbers = {"one": 1, "two": 2}
        found = {
            f"{what} {numbers[probe.server.data.name]}": seen
            for probe in self.probes
            for what, seen in probe.seen.items()
        }
        return found | {"job": self.jobs.seen()}

    def is_well(self) -> bool:
        return all(seen.is_well() for seen in self.seen().values())

    def row(self, what: str, since: float) -> Row:
        now, seen = time.time(), self.seen()
        refused: Counter[str] = Counter()
        for name, one in seen.items():
            for why, times in one.refusals(since, now).items():
                refused[f"{name}: {why}"] += times
        downtimes = {name: one.downtime(since, now) for name, one in seen.items()}
        return Row(what, downtimes, refused, max(self.jobs.waits(since, now).values(), default=float("nan")))
