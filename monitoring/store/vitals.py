"""What this process takes of the machine, as it says itself with each heartbeat."""

import os
import resource
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

STATM = Path("/proc/self/statm")  # where there is none, the system tells the most that was ever taken
MINUTES = 60  # of memory that are kept
EVERY = 5.0  # seconds over which the share of a processor is taken


@dataclass(frozen=True)
class Vitals:
    """The resident set in bytes, now and the most of each of the last MINUTES minutes; the share of one processor."""

    memory_bytes: int = 0
    memory_by_minute: list[int] = field(default_factory=list)
    cpu_share: float = 0.0


def resident_bytes() -> int:
    try:
        return int(STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


class Pulse:
    """Remembers what it needs to tell the next time."""

    def __init__(self) -> None:
        self._minutes: deque[int] = deque(maxlen=MINUTES)
        self._minute = 0
        self._cpu_s, self._at, self._share = time.process_time(), time.monotonic(), 0.0

    def read(self) -> Vitals:
        memory, minute = resident_bytes(), int(time.time()) // 60
        if minute == self._minute and self._minutes:
            self._minutes[-1] = max(self._minutes[-1], memory)
        else:
            self._minutes.append(memory)
        self._minute = minute
        self._measure_share()
        return Vitals(memory, list(self._minutes), self._share)

    def _measure_share(self) -> None:
        passed = time.monotonic() - self._at
        if passed >= EVERY:
            spent = time.process_time() - self._cpu_s
            self._cpu_s, self._at, self._share = self._cpu_s + spent, self._at + passed, spent / passed
