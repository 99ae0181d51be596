"""`profiler.measure` between two marks on the hot path, against one `Model.objects.create` per measure."""

from statistics import median

from tests.benchmark.place import inside
from tests.benchmark.result import Row

ROUNDS, MEASURES, CREATES = 60, 1_000, 50


def run() -> list[Row]:
    measured, created, written = [], [], []
    with inside("measuring") as process:
        for _ in range(ROUNDS):
            created.append(process.ask("create", CREATES))
            measured.append(process.ask("measure", MEASURES))
            written.append(process.ask("write") / MEASURES)
    ours, theirs = median(measured), median(created)
    return [
        Row(
            "`profiler.measure` between two marks",
            f"{ours:.2f} us",
            bar="at most 1.5 us",
            met=ours <= 1.5,
            note=f"writing it later takes another {median(written):.2f} us of CPU",
        ),
        Row(
            "`profiler.measure` against one `Model.objects.create` per measure",
            f"{ours:.2f} us",
            f"{theirs:.0f} us",
            f"{theirs / ours:.0f} times cheaper",
            "at least 60 times cheaper",
            theirs / ours >= 60,
        ),
    ]
