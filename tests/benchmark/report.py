"""docs/benchmark.md: the table, where it was measured, and with which versions."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmark import peers
from tests.benchmark.result import Row

HEAD = ("what", "measured", "baseline", "ratio", "bar", "", "remarks")
OWN = ("Django", "django-q2", "django-prometheus", "opentelemetry-sdk", "prometheus_client", "psycopg")


def table(rows: Sequence[Row]) -> str:
    lines = [HEAD, ("---",) * len(HEAD)]
    lines += [
        (row.what, row.measured, row.baseline, row.ratio, row.bar, row.verdict, row.note.replace("|", "\\|"))
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def summary(rows: Sequence[Row]) -> str:
    missed = [row for row in rows if row.met is False]
    held = sum(row.met is True for row in rows)
    if not missed:
        return f"All {held} bars are met."
    return f"{held} bars are met, {len(missed)} missed:\n\n" + "\n".join(
        f"- {row.what}: {row.measured}{f' ({row.ratio})' if row.ratio else ''}, where the bar is {row.bar or 'to run'}"
        for row in missed
    )


def page(rows: Sequence[Row], seconds: float) -> str:
    return f"""# Benchmark

What `make bench` wrote: do not edit. Why a bar is missed is said in [benchmark-notes.md](benchmark-notes.md).
Each comparison is made in one run, side by side; ratios hold on other machines, absolute figures do not.

{machine()}
- Peers: {", ".join(peers.versions())}

{summary(rows)}

{table(rows)}

It took {seconds / 60:.0f} minutes. What each line measures, and how, is in `tests/benchmark/cases/`.
"""


def machine() -> str:
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    own = ", ".join(f"{name} {version(name)}" for name in OWN)
    return "\n".join(
        (
            f"- {datetime.now(tz=UTC):%d %B %Y}, {processor()}, {os.cpu_count()} cores, {memory_gb():.0f} GB, {system}",
            f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {own}",
        )
    )


def processor() -> str:
    """The processor's name as Linux tells it, or what kind it is."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
