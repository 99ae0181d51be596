"""The rotation of the TURN secret by hand, and how far it is. Prints no secret."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from monitoring import run_job
from sessions_app import turn
from sessions_app.jobs import turn_rotation
from sessions_app.turn_server import TurnServerError


class Command(BaseCommand):
    help = "Sign TURN credentials with a new secret, going on with a rotation that was interrupted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", action="store_true", help="change nothing; say how far each secret has come")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["status"]:
            try:
                self.stdout.write(run_job(turn_rotation))
            except TurnServerError as error:
                raise CommandError(f"{error} The secret before goes on signing; run this again to go on.") from error
        self.stdout.write("\n".join(turn.status(timezone.now())))
