"""Fill an empty installation with a back-up, also one that was taken from another kind of database."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from monitoring import backups
from monitoring.management.commands.backup import KEY
from monitoring.store.buffer import buffer
from monitoring.store.series import series_ids


class Command(BaseCommand):
    help = "Fill the empty databases of this installation with what `backup` wrote; nothing else may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="that `backup` made")

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        buffer.autoflush = False  # what this command measures of itself comes after what is restored
        try:
            for database in settings.DATABASES:
                call_command("migrate", database=database, verbosity=0, skip_checks=True)
            expected = sum(backups.manifest(folder)["rows"].values())
            with tqdm(total=expected, unit=" rows", unit_scale=True) as bar:
                counts = backups.read(folder, lambda _table, more: bar.update(more))
        except backups.BackupRefused as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was restored: {error}") from error
        series_ids.forget()
        key = settings.DATA_DIR / KEY
        if (folder / KEY).exists() and key.exists() and key.read_text() == settings.SECRET_KEY:  # not one of SECRET_KEY
            shutil.copy2(folder / KEY, key)
        self.stdout.write(f"{sum(counts.values())} rows of {len(counts)} tables are restored.")
