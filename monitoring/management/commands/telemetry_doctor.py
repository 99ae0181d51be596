"""Say how the telemetry itself is, and what to do."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError
from django.utils.timezone import now

from monitoring.panel.doctor import Examination, examine
from monitoring.panel.findings import Finding, facts, findings

SIGNS = {"bad": "✕", "warn": "!", "good": "✓"}


class Command(BaseCommand):
    help = "Say how the telemetry itself is, and what to do; fails when it needs a person."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", default="text", choices=("text", "json"))

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            found = examine(now())
        except DatabaseError as error:
            raise CommandError(f"The telemetry database did not answer: {error}.") from error
        told = findings(found)
        self.stdout.write(as_json(found, told) if options["format"] == "json" else as_text(found, told))
        if any(finding.level != "good" for finding in told):
            sys.exit(1)


def as_json(found: Examination, told: list[Finding]) -> str:
    figures = {"findings": [asdict(finding) for finding in told]} | found.as_json()
    return json.dumps(figures, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)


def as_text(found: Examination, told: list[Finding]) -> str:
    lines = [f"{SIGNS[finding.level]} {finding.text} {finding.remedy}".rstrip() for finding in told]
    lines.append(f"\nLiving processes: {len(found.living)}, with {found.active_spans} open spans.")
    return "\n".join([*lines, *facts(found)])
