"""A job every third of a second, enqueued on one host: when each was asked for, and when and where it ran."""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests import programs
from tests.cluster.probes import Seen
from tests.server import Server

PAUSE_S = 0.3
PROGRAM = (
    "import django; django.setup(); from tests.cluster.jobs import enqueue_for_ever as f; import sys; f(sys.argv[1])"
)


class Start(NamedTuple):
    number: int
    at: float
    host: str


class Jobs:
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder

    @property
    def asked(self) -> dict[int, float]:
        return {int(number): float(at) for number, at, *_ in self._lines("asked")}

    @property
    def starts(self) -> list[Start]:
        return [Start(int(number), float(at), host) for number, at, host in self._lines("started")]

    def seen(self) -> Seen:
        refused = [(float(at), why) for at, why in self._lines("refused")]
        return Seen("job", [start.at for start in self.starts], refused)

    def waits(self, since: float, until: float) -> dict[int, float]:
        """By number, the seconds from asking for a job to its first start, of those asked for within the time."""
        first: dict[int, float] = {}
        for start in self.starts:
            first.setdefault(start.number, start.at)
        return {
            number: first[number] - at for number, at in self.asked.items() if since < at <= until and number in first
        }

    def twice(self) -> int:
        """How many ran more than once: those whose worker died after the start were handed out again."""
        starts = [start.number for start in self.starts]
        return len(starts) - len(set(starts))

    def lost(self) -> int:
        return len(self.asked.keys() - {start.number for start in self.starts})

    def _lines(self, name: str) -> Iterator[list[str]]:
        file = self._folder / name
        text = file.read_text() if file.exists() else ""
        return (line.split(maxsplit=2) for line in text.splitlines() if line)


@contextmanager
def enqueuing(server: Server, folder: Path) -> Iterator[Jobs]:
    jobs = Jobs(folder)
    environment = server.environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings", "LOG_LEVEL": "WARNING"}
    with (folder / "said").open("w") as log:
        process = programs.start(["-c", PROGRAM, str(folder)], environment, log, log)
    try:
        yield jobs
    finally:
        process.kill()
        process.wait()


def enqueue_for_ever(folder: str) -> None:
    """Runs in a program of the host."""
    from django.db import InterfaceError, OperationalError, connection

    from monitoring import enqueue

    asked, refused, started = (Path(folder) / name for name in ("asked", "refused", "started"))
    parent = os.getppid()
    for number in count(1):
        at = time.time()
        try:
            enqueue("tests.trial_jobs.stamp", str(started), number)
        except (OperationalError, InterfaceError):
            connection.close()
            note(refused, f"{at} database")
        else:
            note(asked, f"{number} {at}")
        if os.getppid() != parent:
            return
        time.sleep(PAUSE_S)


def note(file: Path, line: str) -> None:
    with file.open("a") as out:
        out.write(f"{line}\n")


def median_ms(waits: dict[int, float]) -> float:
    return statistics.median(waits.values()) * 1000
