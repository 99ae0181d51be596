"""As many measures as one process can take in: recorded, written with their rows and deltas, and compacted."""

import time

from monitoring import profiler
from monitoring.models import Measure
from monitoring.store import compaction
from monitoring.store.buffer import buffer
from monitoring.store.figures import since_the_beginning

SERIES, BATCH = 60, 20_000  # what comes in between two writes at the full rate


def ingest(measures: int) -> dict[str, float]:
    """Seconds of recording, of writing and of compacting; and what the store has afterwards."""
    buffer.autoflush = False  # this thread writes, so that each part can be timed
    names = [f"bench_{number}" for number in range(SERIES)]
    recording = writing = 0.0
    for first in range(0, measures, BATCH):
        began = time.perf_counter()
        for number in range(first, first + BATCH):
            profiler.record(names[number % SERIES], number % 977 + 0.5)
        recorded = time.perf_counter()
        buffer.flush()
        recording += recorded - began
        writing += time.perf_counter() - recorded
    began = time.perf_counter()
    while compaction.compact(time.time() + 120):
        pass
    compacting = time.perf_counter() - began
    figures = [series.histogram for series in since_the_beginning(("histogram",))]
    return {
        "recording": recording,
        "writing": writing,
        "compacting": compacting,
        "counted": sum(figure.count for figure in figures),
        "sum": sum(figure.total for figure in figures),
        "rows": Measure.objects.count(),
        "shed": buffer.shed,
    }
