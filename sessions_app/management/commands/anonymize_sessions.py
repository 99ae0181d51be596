"""The job of that name, however long it takes, with a bar that shows how far it is."""

from argparse import ArgumentParser
from functools import wraps
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from monitoring import run_job
from sessions_app import anonymizing, jobs


class Command(BaseCommand):
    help = (
        "Remove what customers said of themselves from visits that ended long ago, and prove that none of it is left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing; say how many and what would go")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(anonymizing.preview(now))
            return
        with tqdm(total=anonymizing.due(now).count(), unit=" visits", disable=not options["verbosity"]) as bar:

            @wraps(jobs.anonymize_sessions)  # recorded as the job
            def shown() -> str:
                return str(anonymizing.anonymize(now, bar.update))

            try:
                done = run_job(shown)
            except anonymizing.LeftBehind as error:
                raise CommandError(str(error)) from error
        self.stdout.write(done)
