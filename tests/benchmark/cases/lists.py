"""Every list of the admin at a million rows of each kind, looked at in each way, beside the same at a thousand."""

import os

from tests.benchmark.place import DATABASES, inside
from tests.benchmark.result import Row

MANY, FEW, ROUNDS = 1_000_000, 1_000, 5
MOST = 2  # times what it takes with few rows


def run() -> list[Row]:
    return [_row(database) for database in DATABASES]


def _row(database: str) -> Row:
    many = int(os.environ.get("BENCH_ROWS", MANY))
    with inside("lists", database) as small, inside("lists", database) as large:
        small.ask("make", FEW)
        large.ask("make", many)
        few, found = small.ask("look", ROUNDS), large.ask("look", ROUNDS)
    times = {what: ms / few[what] for what, ms in found.items()}
    worst, slowest = max(times, key=times.__getitem__), max(found, key=found.__getitem__)
    return Row(
        f"the lists of the admin at {many:,} rows of each kind, {len(found)} looks, {database}",
        f"{found[slowest]:.0f} ms at most",
        f"{max(few.values()):.0f} ms at {FEW:,} rows",
        f"{times[worst]:.2f}",
        f"each at most {MOST} times what it takes at {FEW:,} rows",
        times[worst] <= MOST,
        f"slowest: {slowest}; grew most: {worst}",
    )
