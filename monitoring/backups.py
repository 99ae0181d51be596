"""A back-up: both databases as SQLite files in a folder, taken from either kind of database and restored into either.

So a restore into PostgreSQL of what was taken from SQLite moves an installation there. Rows are copied as they are,
with their keys; nothing that saving an object would do is done.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connections, router, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils.translation import gettext as _

from monitoring.store import bulk

MANIFEST = "backup.json"
AT_ONCE = 2_000  # rows
# What migrations put into a database that nobody has used.
FROM_THE_START = {
    *("contenttypes.contenttype", "auth.permission", "auth.group", "auth.group_permissions"),
    "monitoring.alertwatch",
}

Progress = Callable[[str, int], object]  # is told the table and how many more of its rows were copied


class BackupRefused(Exception):
    """A sentence that says why, and what to do."""


def tables(alias: str) -> list[type[Model]]:
    """The models whose rows are in that database, those of many-to-many relations too."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if _owned(model) and router.allow_migrate_model(alias, model)]


def _owned(model: type[Model]) -> bool:
    return model._meta.managed and not model._meta.proxy  # noqa: SLF001


def rows(alias: str) -> int:
    return sum(model._base_manager.using(alias).count() for model in tables(alias))  # noqa: SLF001


def write(folder: Path, now: datetime, progress: Progress) -> dict[str, int]:
    """Make `folder` with a back-up of this moment, while everything runs. Returns the rows by table."""
    folder.mkdir(mode=0o700, parents=True)
    counts: dict[str, int] = {}
    for alias in settings.DATABASES:
        with sqlite(folder / f"{alias}.sqlite3") as made, snapshot(alias) as source:
            with connections[made].schema_editor() as editor:
                for model in tables(alias):
                    if not model._meta.auto_created:  # noqa: SLF001 - made with the model that they belong to
                        editor.create_model(model)
            with transaction.atomic(using=made):
                counts |= copy(source, made, alias, progress)
    about = {"version": settings.VERSION, "at": now.isoformat(), "migrations": migrations(), "rows": counts}
    (folder / MANIFEST).write_text(json.dumps(about, indent=1))
    return counts


def read(folder: Path, progress: Progress) -> dict[str, int]:
    """Put a back-up into the databases, which must be migrated and unused. BackupRefused: then nothing changed."""
    about = manifest(folder)
    if used := [model for model in tables("default") if _label(model) not in FROM_THE_START and _any(model)]:
        names = ", ".join(_label(model) for model in used)
        raise BackupRefused(_("The database is in use (%s): restore into an empty one.") % names)
    counts: dict[str, int] = {}
    with transaction.atomic(using="default"), transaction.atomic(using="telemetry"):
        for alias in settings.DATABASES:
            for model in tables(alias):
                model._base_manager.using(alias).all()._raw_delete(alias)  # noqa: SLF001
            with sqlite(folder / f"{alias}.sqlite3") as kept:
                counts |= copy(kept, alias, alias, progress)
            _go_on_counting(alias)
        if counts != about["rows"]:
            raise BackupRefused(_("The back-up is damaged: it does not have the rows that it says it has."))
    return counts


def manifest(folder: Path) -> dict[str, Any]:
    """What the back-up says of itself. Raises BackupRefused where it is none, or one of another version's tables."""
    try:
        about: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        version, same = about["version"], about["migrations"] == migrations()
    except (OSError, ValueError, KeyError) as error:
        raise BackupRefused(_("%s holds no back-up, or one that was not finished.") % folder) from error
    if not same:
        raise BackupRefused(_("The back-up is of version %s: restore it with that version, then upgrade.") % version)
    return about


def migrations() -> dict[str, list[str]]:
    """The migrations that were applied, by database."""
    applied = {alias: MigrationRecorder(connections[alias]).applied_migrations() for alias in settings.DATABASES}
    return {alias: sorted(f"{app}.{name}" for app, name in found) for alias, found in applied.items()}


def copy(source: str, target: str, alias: str, progress: Progress) -> dict[str, int]:
    counts: dict[str, int] = {}
    for model in tables(alias):
        counts[_label(model)] = 0
        for batch in _batches(source, target, model):
            bulk.append(model, [str(field.column) for field in model._meta.concrete_fields], batch, target)  # noqa: SLF001
            counts[_label(model)] += len(batch)
            progress(_label(model), len(batch))
    return counts


def _batches(source: str, target: str, model: type[Model]) -> Iterator[list[tuple[Any, ...]]]:
    fields, connection = model._meta.concrete_fields, connections[target]  # noqa: SLF001
    found = model._base_manager.using(source).order_by("pk").values_list(*(field.attname for field in fields))  # noqa: SLF001
    batch: list[tuple[Any, ...]] = []
    for values in found.iterator(chunk_size=AT_ONCE):
        pairs = zip(fields, values, strict=True)
        batch.append(tuple(field.get_db_prep_save(value, connection) for field, value in pairs))
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def sqlite(file: Path) -> Iterator[str]:
    """The alias of a SQLite file; its transactions let others write."""
    alias = f"file {file}"
    plain = {"ENGINE": "django.db.backends.sqlite3", "NAME": file}
    connections.settings[alias] = connections.configure_settings({"default": {}, alias: plain})[alias]
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias], connections.settings[alias]


@contextmanager
def snapshot(alias: str) -> Iterator[str]:
    """An alias by which the database is read as it is at one moment, and which nobody has to wait for."""
    if connections[alias].vendor == "sqlite":
        with sqlite(Path(connections[alias].settings_dict["NAME"])) as file, transaction.atomic(using=file):
            yield file
        return
    with transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield alias


def _go_on_counting(alias: str) -> None:
    """Have the next row's number follow the last one's, where the database does not see that by itself."""
    with connections[alias].cursor() as cursor:
        for statement in connections[alias].ops.sequence_reset_sql(no_style(), tables(alias)):
            cursor.execute(statement)


def _any(model: type[Model]) -> bool:
    return model._base_manager.using("default").exists()  # noqa: SLF001


def _label(model: type[Model]) -> str:
    return str(model._meta.label_lower)  # noqa: SLF001
