"""From enqueue to start of a job on an idle worker, and what the workers cost while there is nothing to do."""

import time
from statistics import median, quantiles

from tests.benchmark import processor
from tests.benchmark.place import of, place
from tests.benchmark.result import Row

JOBS, IDLE_S = 50, 20


def run() -> list[Row]:
    with place(LOG_LEVEL="WARNING") as server, of(server, "queueing") as driver:
        server.start("qcluster")
        driver.ask("drain", 20)
        waits = driver.ask("starts", JOBS)
        time.sleep(3)
        idle = share(server.running["qcluster"].pid)
    ninety_fifth = quantiles(waits, n=20)[-1]
    return [
        Row(
            "enqueue to start of a job on an idle worker, median",
            f"{median(waits):.1f} ms",
            "100 ms at django-q2's default poll",
            bar="under 60 ms",
            met=median(waits) < 60 and len(waits) == JOBS,
            note=f"95th percentile {ninety_fifth:.1f} ms of {len(waits)}",
        ),
        Row(
            "the workers' idle cost, all their processes together",
            f"{idle:.2%} of a core",
            bar="at most 1 % of a core",
            met=idle <= 0.01,
            note=f"over {IDLE_S} s",
        ),
    ]


def share(pid: int) -> float:
    """Of one core, used by the process and its family over a while."""
    before, began = processor.seconds(pid), time.perf_counter()
    time.sleep(IDLE_S)
    return (processor.seconds(pid) - before) / (time.perf_counter() - began)
