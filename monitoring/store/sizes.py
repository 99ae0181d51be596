"""How much room the telemetry takes, and how much is left."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from monitoring.router import TELEMETRY

# Tables with their indexes and what is stored out of line.
POSTGRESQL = (
    "SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_stat_user_tables WHERE relname ~ '^monitoring_'"
)


@dataclass(frozen=True)
class Size:
    """In bytes; `free` is None where the disk is not this machine's to look at."""

    used: int
    free: int | None


def size() -> Size:
    connection = connections[TELEMETRY]
    if connection.vendor == "sqlite":
        return _of_file(Path(str(connection.settings_dict["NAME"])))
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL)
        return Size(int(cursor.fetchone()[0]), None)


def everything() -> Size:
    """Of all databases; where one is not in a file here, `free` is None."""
    files = [Path(str(one.settings_dict["NAME"])) for one in connections.all() if one.vendor == "sqlite"]
    if len(files) < len(connections.all()):
        return Size(0, None)
    sizes = [_of_file(file) for file in files]
    return Size(sum(one.used for one in sizes), min(one.free or 0 for one in sizes))


def _of_file(database: Path) -> Size:
    """A SQLite database with the log of what is not yet in it."""
    files = [path for path in (database, database.with_name(f"{database.name}-wal")) if path.exists()]
    return Size(sum(path.stat().st_size for path in files), shutil.disk_usage(database.parent).free)
