"""manage.py mark_deploy 1.4.2: put a mark where a version went live."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware, now

from monitoring.deployments import mark
from monitoring.errors import BadParameter


class Command(BaseCommand):
    help = "Note that a version went live, so that the panel shows what was faster or slower since."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", metavar="VERSION", help="such as 1.4.2 or a commit's id")
        parser.add_argument("--at", help="when, such as 2026-11-24T09:30 in TIME_ZONE or ...+00:00 (default: now)")

    def handle(self, *_args: Any, **options: Any) -> None:
        moment = now()
        try:
            at = parse_datetime(options["at"]) if options["at"] else moment
        except ValueError:
            at = None
        at = make_aware(at) if at and is_naive(at) else at
        if at is None or at > moment:
            raise CommandError(f"--at={options['at']} cannot be used: it must be a past time like 2026-11-24T09:30.")
        try:
            marked = mark(options["release"], at)
        except BadParameter as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The telemetry database did not answer: {error}.") from error
        self.stdout.write(f"Deployed {marked.version} at {marked.at:%Y-%m-%d %H:%M:%S} UTC.")
