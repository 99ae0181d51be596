"""A program that records while its telemetry database is away for ten minutes; run by tests/integration/test_outage.py.

The writing thread is the real one. The ten minutes are six hundred writes, between which the wall clock is set on.
"""

import ctypes
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from monitoring import count, profiler, start_span
from monitoring.guard import guard
from monitoring.models import Writer
from monitoring.store.buffer import buffer
from monitoring.store.fold import KEEP_DELTAS, KEEP_ROWS
from monitoring.store.recorder import recorder
from tests.exactness import exact, rows

SECONDS = 600
MEASURES, SPANS, NEW_NAMES = 180, 20, 40  # a second
QUICK_S = 1.9  # whoever waits for the database waits for two: see adminara.databases
GROWTH_KB = 20_000  # once everything that is bounded is full

FILE = Path(connections["telemetry"].settings_dict["NAME"])


class Program:
    """What it did, and how long the slowest second's worth of it took."""

    def __init__(self) -> None:
        self.measures = self.spans = self.counts = 0
        self.slowest_s = 0.0

    def a_second(self) -> None:
        started = time.perf_counter()
        for number in range(SPANS):
            with start_span("operation"):
                for _ in range(NEW_NAMES // SPANS):
                    profiler.record(f"never-ending-{self.measures + number}", 5)
                    self.measures += 1
        for number in range(MEASURES):
            profiler.record("work", number)
            count("customers_joined_total")
        self.slowest_s = max(self.slowest_s, time.perf_counter() - started)
        self.measures += MEASURES
        self.counts += MEASURES
        self.spans += SPANS


def ten_minutes(program: Program) -> None:
    real, grown_from = time.time, 0
    for second in range(SECONDS):
        time.time = lambda ahead=second: real() + ahead
        program.a_second()
        if second % 100 == 0:
            time.sleep(0.1)  # the writing thread tries, too
        buffer.flush()
        assert len(recorder._pending.durations) <= KEEP_ROWS
        assert len(recorder._pending.deltas) <= KEEP_DELTAS + 3  # one for each kind's overflow
        if second == SECONDS * 3 // 4:
            grown_from = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown_from < GROWTH_KB


@contextmanager
def locked(_program: Program) -> Iterator[None]:
    """Another program holds the write lock."""
    other = sqlite3.connect(FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def full(_program: Program) -> Iterator[None]:
    """No file may grow beyond its first byte, which is what a full disk comes to."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def read_only(program: Program) -> Iterator[None]:
    """The files' owner may no longer write them. Who has opened them still may: so they are opened anew."""
    files = [FILE, *FILE.parent.glob(f"{FILE.name}-*")]
    with locked(program):
        for file in files:
            file.chmod(0o400)
        FILE.parent.chmod(0o500)
        program.a_second()
        wait_until(lambda: guard.failures["storing telemetry"])
        buffer.flush()
    try:
        yield
    finally:
        FILE.parent.chmod(0o700)
        for file in files:
            file.chmod(0o600)


@contextmanager
def gone(_program: Program) -> Iterator[None]:
    """The files are somewhere else for a while, as when a volume is moved."""
    away = FILE.parent / "away"
    away.mkdir()
    files = [FILE, *FILE.parent.glob(f"{FILE.name}-*")]
    for file in files:
        file.rename(away / file.name)
    yield
    for file in files:
        if (away / file.name).exists():
            (away / file.name).rename(file)


@contextmanager
def unreachable(_program: Program) -> Iterator[None]:
    """PostgreSQL ends the connections it has and lets in no new ones."""
    socket = next(Path(connections["telemetry"].settings_dict["HOST"]).glob(".s.PGSQL.[0-9]*[0-9]"))
    with connections["telemetry"].cursor() as cursor:
        away = socket.rename(socket.with_name("away"))
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    connections["telemetry"].close()
    try:
        yield
    finally:
        away.rename(socket)


OUTAGES = {outage.__name__: outage for outage in (locked, full, read_only, gone, unreachable)}


def become_ordinary() -> None:
    """Give up root's right to pass over the modes of files, if we have it."""
    version, ourselves = 0x20080522, 0
    header, nothing = (ctypes.c_uint32 * 2)(version, ourselves), (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None, use_errno=True).capset(header, nothing) == 0


def wait_until(condition: Callable[[], object], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.02)


def all_is_written() -> bool:
    with buffer._busy:
        return not (buffer._records or recorder._pending or recorder._in_flight)


def main(outage: str) -> None:
    if connections["telemetry"].vendor == "sqlite":
        become_ordinary()
        connections["telemetry"].settings_dict["OPTIONS"]["timeout"] = 0  # ten minutes of waiting would be too long
    program = Program()
    program.a_second()
    wait_until(lambda: buffer._thread is not None and all_is_written())
    before = guard.failures.total()
    with OUTAGES[outage](program):
        ten_minutes(program)
    assert guard.failures["storing telemetry"] - before >= SECONDS, "the database was there"
    program.a_second()
    wait_until(all_is_written)

    assert program.slowest_s < QUICK_S, program.slowest_s
    assert exact("histogram") == program.measures
    assert exact("histogram", name="work") == program.counts
    assert exact("counter", name="customers_joined_total") == program.counts
    assert exact("span") == program.spans
    writer = Writer.objects.get()
    measures, spans = rows()
    assert KEEP_ROWS <= measures < program.measures
    assert writer.shed == program.measures - measures + program.spans - spans
    assert writer.failures == guard.failures.total()
    assert set(guard.failures) == {"storing telemetry"}
    sys.stdout.write(f"{guard.failures.total()} failures, {writer.shed} shed, slowest {program.slowest_s:.3f} s")
