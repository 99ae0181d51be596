"""Copy everything that this installation knows into a folder."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.timezone import now
from tqdm import tqdm

from monitoring import backups

KEY = "secret_key"


class Command(BaseCommand):
    help = (
        "Copy both databases, as they are at one moment, and the signing key into a new folder; everything may run on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="which must not be there yet")

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if folder.exists():
            raise CommandError(f"{folder} is there already: name a new folder.")
        try:
            with tqdm(total=sum(map(backups.rows, settings.DATABASES)), unit=" rows", unit_scale=True) as bar:
                counts = backups.write(folder, now(), lambda _table, more: bar.update(more))
        except (OSError, DatabaseError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise CommandError(f"There is no back-up: {error}") from error
        if (key := settings.DATA_DIR / KEY).exists():
            shutil.copy2(key, folder / KEY)
        self.stdout.write(f"{sum(counts.values())} rows of {len(counts)} tables are in {folder}. Keep it secret.")
