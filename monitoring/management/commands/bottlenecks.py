"""manage.py bottlenecks: what the bottlenecks page shows, on the terminal or as JSON."""

import json
from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from monitoring.errors import BadParameter
from monitoring.panel.bottlenecks import DEFAULT_THRESHOLD, Bottleneck, BottleneckReport, bottlenecks, milliseconds
from monitoring.store.times import moment


class Command(BaseCommand):
    help = "Show what is slow: every measured name, the largest share of the measured time first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--window", default="1h", help="how far to look back: 15m, 1h, 7d, up to 30d (default 1h)")
        parser.add_argument("--threshold", default=str(DEFAULT_THRESHOLD), help="milliseconds (default 100)")
        parser.add_argument("--format", default="table", choices=("table", "json"))

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            report = bottlenecks(options["window"], milliseconds(str(options["threshold"])))
        except BadParameter as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The telemetry database did not answer: {error}.") from error
        self.stdout.write(json.dumps(report.as_json(), indent=2) if options["format"] == "json" else table(report))


def table(report: BottleneckReport) -> str:
    """The report as aligned columns under a line that says what they are."""
    span = f"{moment(report.since):%Y-%m-%d %H:%M:%S} to {moment(report.until):%H:%M:%S} UTC"
    if not report.rows:
        return f"Nothing was measured in the window {report.window} ({span})."
    lines = [[field.name for field in fields(Bottleneck)], *(_cells(row) for row in report.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    head = f"Window {report.window} ({span}); over: longer than {report.threshold:g} ms; times in ms"
    return "\n".join([head, *(_aligned(line, widths) for line in lines)])


def _cells(row: Bottleneck) -> list[str]:
    times = (row.total, row.mean, row.p50, row.p95, row.p99, row.max)
    counts = (str(row.count), str(row.errors), str(row.over), f"{row.share:.1%}")
    return [row.name, row.kind, *counts, *(f"{time:.2f}" for time in times)]


def _aligned(cells: list[str], widths: list[int]) -> str:
    """Name and kind to the left, numbers to the right."""
    sides = "<<" + ">" * (len(cells) - 2)
    return "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(cells, sides, widths, strict=True))
