"""Reads at 10M measures over seven days: the table of 60 series, /metrics and the overview, on both databases."""

import os

from tests.benchmark.place import DATABASES, inside
from tests.benchmark.result import Row

MEASURES, ROUNDS = 10_000_000, 15
WINDOWS = {"1h": "1 h", "24h": "24 h", "7d": "7 d", f"{(3 * 24 + 7) * 60 + 13}m": "3 d 7 h 13 min"}
MOST_ERROR = 0.011


def run() -> list[Row]:
    return [row for database in DATABASES for row in _rows(database)]


def _rows(database: str) -> list[Row]:
    measures = int(os.environ.get("BENCH_MEASURES", MEASURES))
    with inside("history", database) as process:
        process.ask("make", measures)
        tables = {window: process.ask("table", window, ROUNDS) for window in WINDOWS}
        scrape = process.ask("scrape", ROUNDS)
        page = process.ask("overview_page", ROUNDS)
    return [
        *(_table(f"{WINDOWS[window]}, {database}", found) for window, found in tables.items()),
        Row(
            f"`/metrics` with 60 series at {measures:,} measures, {database}",
            f"{scrape['ms']:.0f} ms",
            bar="under 30 ms",
            met=scrape["ms"] < 30 and scrape["counted"] == measures,
            note=f"{scrape['series']:.0f} series count {scrape['counted']:,.0f}; slowest {scrape['worst']:.0f} ms",
        ),
        Row(
            f"the overview's page at {measures:,} measures, {database}",
            f"{page['ms']:.0f} ms",
            bar="under 50 ms and 60 KB",
            met=page["ms"] < 50 and page["bytes"] < 60_000,
            note=f"{page['bytes'] / 1000:.0f} KB; slowest {page['worst']:.0f} ms",
        ),
    ]


def _table(what: str, found: dict[str, float]) -> Row:
    return Row(
        f"table of 60 series over {what}",
        f"{found['ms']:.0f} ms",
        bar="under 50 ms, exact counts, error at most 1.1 %",
        met=found["ms"] < 50 and not found["wrong"] and found["error"] <= MOST_ERROR,
        note=f"{found['wrong']:.0f} wrong counts, error {found['error']:.2%}; slowest {found['worst']:.0f} ms",
    )
