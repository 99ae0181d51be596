"""manage.py bottlenecks: what the bottlenecks page shows, on the terminal or as JSON."""

import json
from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from monitoring.errors import BadParameter
from monitoring.panel.bottlenecks import Bottleneck, BottleneckReport, bottlenecks
from monitoring.panel.comparison import NO_TELLING, Change
from monitoring.panel.windows import milliseconds
from monitoring.store.times import moment

NOT_IN_THE_TABLE = {"slowest", "failed"}  # traces, which the page links to


class Command(BaseCommand):
    help = "Show what is slow: every measured name, the largest share of the measured time first."

    def add_arguments(self, parser: CommandParser) -> None:
        window = "how far to look back: 15m, 1h, 7d, up to 30d (default 1h); or 2026-11-24T09:00/2026-11-24T10:30"
        parser.add_argument("--window", default="1h", help=window)
        parser.add_argument("--threshold", help="milliseconds, for all names (default: each name's own)")
        parser.add_argument("--format", default="table", choices=("table", "json"))

    def handle(self, *_args: Any, **options: Any) -> None:
        asked = options["threshold"]
        try:
            report = bottlenecks(options["window"], None if asked is None else milliseconds(str(asked)))
        except BadParameter as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The telemetry database did not answer: {error}.") from error
        self.stdout.write(json.dumps(report.as_json(), indent=2) if options["format"] == "json" else table(report))


def table(report: BottleneckReport) -> str:
    """The report as aligned columns under lines that say what they are and what was deployed."""
    span = f"{_at(report.since)} to {_at(report.until)} UTC"
    deployed = [f"deployed {deployment.version} at {_at(deployment.at)} UTC" for deployment in report.deployments]
    if not report.rows:
        return "\n".join([f"Nothing was measured in the window {report.window} ({span}).", *deployed])
    columns = [field.name for field in fields(Bottleneck) if field.name not in NOT_IN_THE_TABLE]
    lines = [columns, *(_cells(row) for row in report.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    head = (
        f"Window {report.window} ({span}); times in ms; over: longer than the threshold; "
        f"change: of p95, from {_at(report.before)} UTC on"
    )
    return "\n".join([head, *deployed, *(_aligned(line, widths) for line in lines)])


def _at(second: float) -> str:
    return f"{moment(second):%Y-%m-%d %H:%M:%S}"


def _cells(row: Bottleneck) -> list[str]:
    times = (row.total, row.mean, row.p50, row.p95, row.p99, row.max)
    counts = (str(row.count), str(row.errors), str(row.over), f"{row.threshold:g}", f"{row.share:.1%}")
    return [row.name, row.kind, *counts, *(f"{time:.2f}" for time in times), _changed(row.change)]


def _changed(change: Change) -> str:
    """How many times the p95 of the period before, and the verdict where there is one."""
    if change.ratio is None:
        return "-"
    return f"{change.ratio:.2f}x" + ("" if change.verdict == NO_TELLING else f" {change.verdict}")


def _aligned(cells: list[str], widths: list[int]) -> str:
    """Name and kind to the left, numbers to the right, the change to the left again."""
    sides = "<<" + ">" * (len(cells) - 3) + "<"
    return "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(cells, sides, widths, strict=True)).rstrip()
