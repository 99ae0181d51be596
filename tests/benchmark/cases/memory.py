"""What a process that records with its own writing thread, as the web server does, grows by over 1M measures."""

from tests.benchmark.place import inside
from tests.benchmark.result import Row

MEASURES, PACE = 1_000_000, 50_000


def run() -> list[Row]:
    with inside("measuring") as process:
        found = process.ask("grow", MEASURES, PACE)
    grown = found["after"] - found["before"]
    return [
        Row(
            "memory of a web process after 1M measures",
            f"+{grown:.1f} MB",
            f"{found['before']:.0f} MB",
            bar="under 20 MB",
            met=grown < 20,
            note=f"{PACE:,} a second, {found['stored']:,.0f} rows stored, {found['shed']:,.0f} shed",
        )
    ]
