"""How long a call takes when it is made many times; and what a process has used so far."""

from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from time import perf_counter


def microseconds(function: Callable[[], object], calls: int) -> float:
    """Of one call, the loop's share (some 0.01 us) included."""
    began = perf_counter()
    for _ in repeat(None, calls):
        function()
    return (perf_counter() - began) / calls * 1e6


def resident_mb() -> float:
    """What this process holds in memory (VmRSS)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
