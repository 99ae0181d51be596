"""Forget now what the hourly job would forget, however long it takes."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.utils.timezone import now
from tqdm import tqdm

from monitoring import retention
from monitoring.router import TELEMETRY


class Command(BaseCommand):
    help = "Delete telemetry that is too old or too much (TELEMETRY_KEEP_..., TELEMETRY_MOST_...)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument(
            "--vacuum",
            action="store_true",
            help="then make SQLite's file smaller; writers wait meanwhile, and it needs as much space again",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            counts = retention.doomed(now())
            if options["dry_run"]:
                self.stdout.write(f"Would delete {retention.told(counts)}.")
                return
            self.stdout.write(f"Deleted {retention.told(prune(sum(counts.values()), options['verbosity']))}.")
            if options["vacuum"]:
                vacuum()
        except DatabaseError as error:
            raise CommandError(f"The telemetry database did not answer: {error}.") from error
        except KeyboardInterrupt as stop:
            raise CommandError("Stopped: what was deleted is gone, the rest goes next time.", returncode=130) from stop


def prune(expected: int, verbosity: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tqdm(total=expected, unit=" rows", disable=not verbosity) as bar:
        for kind, deleted in retention.prune(now()):
            counts[kind] += deleted
            bar.set_postfix_str(kind, refresh=False)
            bar.update(deleted)
    return counts


def vacuum() -> None:
    if connections[TELEMETRY].vendor != "sqlite":
        raise CommandError("--vacuum is for SQLite: PostgreSQL's autovacuum makes room for new rows by itself.")
    with connections[TELEMETRY].cursor() as cursor:
        cursor.execute("VACUUM")
