"""What each process uses of the machine while something is measured, as Linux tells it."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmark import processor


@dataclass(frozen=True)
class Used:
    """`share` is of one core. Memory is what is resident, pages that several processes share counted in part (PSS)."""

    share: float
    mb: float


@dataclass(frozen=True)
class Usage:
    """By name the processes, who used the most first; the load's own share of a core; and what others took."""

    used: dict[str, list[Used]]
    load: float
    others: float


class Watch:
    """Of the processes named and their children, from `begin` to `end`; and of this one, which makes the load."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = processes

    def begin(self) -> None:
        self._own, self._at, self._busy = time.process_time(), time.perf_counter(), busy_s()
        self._before = {pid: spent for pids in self._families().values() for pid, spent, _mb in pids}

    def end(self) -> Usage:
        passed, found = time.perf_counter() - self._at, self._families()
        used = {
            name: [Used((spent - self._before.get(pid, 0.0)) / passed, mb) for pid, spent, mb in members]
            for name, members in found.items()
        }
        own = (time.process_time() - self._own) / passed
        ours = own + sum(one.share for each in used.values() for one in each)
        others = max(0.0, (busy_s() - self._busy) / passed - ours)
        return Usage({name: sorted(each, key=lambda one: -one.share) for name, each in used.items()}, own, others)

    def _families(self) -> dict[str, list[tuple[int, float, float]]]:
        """By name the processes with their seconds and their memory, less those that end meanwhile."""
        found: dict[str, list[tuple[int, float, float]]] = {}
        for name, root in self._processes.items():
            for pid in processor.family(root):
                with suppress(FileNotFoundError, ProcessLookupError):
                    found.setdefault(name, []).append((pid, processor.of_one(pid), resident_mb(pid)))
        return found


def busy_s() -> float:
    """Seconds of all cores together that were not idle since the machine started."""
    user, nice, system, _idle, _waiting, *interrupts = Path("/proc/stat").read_text().split("\n")[0].split()[1:9]
    return sum(map(int, (user, nice, system, *interrupts))) / processor.TICKS


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/smaps_rollup").read_text().partition("\nPss:")[2].split()[0]) / 1024


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
