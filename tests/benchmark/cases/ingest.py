"""Sustained ingest in one process: measures through the buffer into rows and deltas, and the compaction of those."""

from tests.benchmark.place import inside
from tests.benchmark.result import Row

MEASURES = 1_500_000
BARS = {"SQLite": 200_000, "PostgreSQL": 100_000}


def run() -> list[Row]:
    return [_row(database, bar) for database, bar in BARS.items()]


def _row(database: str, bar: int) -> Row:
    with inside("ingesting", database) as process:
        process.ask("ingest", 20_000)  # warms up: connections, series
        before = 20_000
        found = process.ask("ingest", MEASURES)
    rate = MEASURES / (found["writing"] + found["compacting"])
    everything = MEASURES / (found["recording"] + found["writing"] + found["compacting"])
    exact = found["counted"] == found["rows"] == before + MEASURES and not found["shed"]
    return Row(
        f"sustained ingest, raw rows + deltas + compaction, one process, {database}",
        f"{rate:,.0f}/s",
        bar=f"at least {bar:,}/s",
        met=rate >= bar and exact,
        note=f"{everything:,.0f}/s with the recording itself; {found['counted']:,.0f} counted and "
        f"{found['rows']:,.0f} rows of {before + MEASURES:,}, {found['shed']:,.0f} shed; "
        f"compaction {found['compacting']:.1f} s of it",
    )
