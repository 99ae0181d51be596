"""Spans lost between start and store: at the highest rate that one core can make, and at 20,000 a second."""

from tests.benchmark.place import inside
from tests.benchmark.result import Row

SECONDS, PACE = 5, 20_000


def run() -> list[Row]:
    with inside("spanning") as process:
        made = process.ask("flat_out", SECONDS)
        process.ask("close")
        kept = process.ask("kept")
    silently = made - kept["rows"] - kept["shed"]
    with inside("spanning") as process:
        steady = process.ask("paced", SECONDS, PACE)
        process.ask("close")
        stayed = process.ask("kept")
    missing = steady - stayed["rows"]
    return [
        Row(
            "spans lost at the highest rate one core can make",
            f"{made / SECONDS:,.0f}/s made: {kept['rows']:,} stored, {kept['shed']:,} shed, {silently:,} lost silently",
            bar="none silently",
            met=silently == 0,
            note=f"the figures count {kept['counted']:,} of {made:,}",
        ),
        Row(
            f"spans shed at {PACE:,} a second",
            f"{steady:,} made, {stayed['rows']:,} stored, {stayed['shed']:,} shed",
            bar="none",
            met=missing == 0 and stayed["shed"] == 0,
        ),
    ]
