"""What processes have used of the processor, as Linux tells it."""

import os
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all that it started, and they; less who ends meanwhile."""
    members = [pid]
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for one in (thread / "children").read_text().split():
                members += family(int(one))
    return members


def seconds(pid: int) -> float:
    """Of processor time that the process and its family have used so far."""
    return sum(of_one(member) for member in family(pid))


def of_one(pid: int) -> float:
    figures = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(figures[11]) + int(figures[12])) / TICKS  # utime and stime of proc(5)
