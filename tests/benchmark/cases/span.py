"""`traced` around an empty function, all of it sampled and stored, against the SDK's span; and with tracing off."""

from statistics import median

from tests.benchmark.place import inside
from tests.benchmark.result import Row

ROUNDS, CALLS, MANY = 60, 1_000, 200_000


def run() -> list[Row]:
    with inside("spanning") as process:
        ours, theirs, written, exported = [], [], [], []
        for _ in range(ROUNDS):
            theirs.append(process.ask("sdks", CALLS))
            exported.append(process.ask("export") / CALLS)
            ours.append(process.ask("ours", CALLS))
            written.append(process.ask("write") / CALLS)
        kept, calls = process.ask("kept"), ROUNDS * CALLS
        lost = calls - min(kept["rows"], kept["counted"])
        theirs_lost = calls - process.ask("exported")
    with inside("spanning", ENABLE_TRACING="false") as process:
        off = median(process.ask("ours", MANY) for _ in range(5))
        bare = median(process.ask("untraced", MANY) for _ in range(5))
    ratio = median(ours) / median(theirs)
    return [
        Row(
            "`traced` around an empty function, 100 % sampled, store on, against the bare SDK span",
            f"{median(ours):.2f} us, {lost} of {calls} lost",
            f"{median(theirs):.1f} us, {theirs_lost} lost",
            f"{ratio:.2f}",
            "at most 0.3 times, none lost",
            ratio <= 0.3 and not lost,
            f"later, writing takes {median(written):.1f} us of CPU, and handing the SDK's batch to an "
            f"exporter that does nothing {median(exported):.1f} us",
        ),
        Row("`traced` with tracing off", f"{off:.3f} us", f"{bare:.3f} us untraced", "", "under 0.3 us", off < 0.3),
    ]
