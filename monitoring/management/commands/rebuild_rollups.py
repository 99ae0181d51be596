"""Prove the stored figures, or make the coarser ones anew from the minutes."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from monitoring.store.rebuilding import repairs
from monitoring.store.verifying import Difference, checks

Step = Callable[[], list[Difference]]


class Command(BaseCommand):
    help = "Make figures of ten minutes, hours and days anew from the minutes still kept; --verify only proves them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--verify",
            action="store_true",
            help="change nothing: hold minutes against the rows still kept, coarser figures against finer ones",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        steps = (checks if options["verify"] else repairs)(time.time())
        try:
            wrong = list(self._told(walked(steps, options["verbosity"])))
        except DatabaseError as error:
            raise CommandError(f"The telemetry database did not answer: {error}.") from error
        except KeyboardInterrupt as stop:
            raise CommandError("Stopped: figures after this are as they were.", returncode=130) from stop
        if not options["verify"]:
            self.stdout.write(f"{len(wrong)} figures were not the sum of their minutes, and are now.")
        elif wrong:
            raise CommandError(f"{len(wrong)} figures differ.")
        else:
            self.stdout.write(f"No figure differs ({len(steps)} checks).")

    def _told(self, found: Iterator[Difference]) -> Iterator[Difference]:
        """Print each difference; returns those that are defects."""
        for difference in found:
            self.stdout.write(str(difference))
            if not difference.shed:
                yield difference


def walked(steps: list[Step], verbosity: int) -> Iterator[Difference]:
    for step in tqdm(steps, unit=" buckets", disable=not verbosity):
        yield from step()
