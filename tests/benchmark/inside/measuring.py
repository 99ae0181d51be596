"""`profiler.measure`, and the row a measure that a program would write by itself."""

import time

from monitoring import profiler
from monitoring.models import Measure, Series
from monitoring.store.buffer import buffer
from tests.benchmark.inside.timing import microseconds, resident_mb

SERIES = 60


def measure(calls: int) -> float:
    profiler.mark("first")
    profiler.mark("last")
    return microseconds(lambda: profiler.measure("bench", "first", "last"), calls)


def write() -> float:
    """Write what waits; the CPU time that it takes, in microseconds."""
    began = time.process_time()
    buffer.flush()
    return (time.process_time() - began) * 1e6


def create(calls: int) -> float:
    """One row a measure, each in a transaction of its own."""
    series, _created = Series.objects.get_or_create(kind="histogram", name="one by one")
    return microseconds(lambda: Measure.objects.create(series=series, at=time.time(), duration_ms=1.0), calls)


def grow(measures: int, a_second: int) -> dict[str, float]:
    """Record as a server does for a while, its own thread writing: memory before, after and what was shed."""
    buffer.start()
    names = [f"bench_{number}" for number in range(SERIES)]
    _record(names, 2_000, a_second)
    time.sleep(2)  # written once: modules are loaded, connections open
    before = resident_mb()
    _record(names, measures, a_second)
    time.sleep(2)
    return {"before": before, "after": resident_mb(), "shed": buffer.shed, "stored": Measure.objects.count()}


def _record(names: list[str], measures: int, a_second: int) -> None:
    began, burst = time.perf_counter(), a_second // 100
    for done in range(0, measures, burst):
        for number in range(done, min(done + burst, measures)):
            profiler.record(names[number % SERIES], number % 500)
        time.sleep(max(0.0, began + (done + burst) / a_second - time.perf_counter()))
