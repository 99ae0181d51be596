"""This process' connections: what must not outlive a fork, and those to telemetry not a failure or the file itself."""

import os
import sys
import threading
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections

from monitoring.router import TELEMETRY
from monitoring.store.series import series_ids

inherited: list[object] = []  # kept for ever: closing one would speak for the process that opened it
opened = threading.local()


def leave_to_parent() -> None:
    """In a forked child: begin with connections of its own, and leave those it was born with as they are.

    The threads that look after a pool do not live on in a child.
    """
    if postgresql := sys.modules.get("django.db.backends.postgresql.base"):
        inherited.append(postgresql.DatabaseWrapper._connection_pools)  # noqa: SLF001
        postgresql.DatabaseWrapper._connection_pools = {}  # noqa: SLF001
    if hasattr(connections._connections, TELEMETRY):  # type: ignore[attr-defined]  # noqa: SLF001
        inherited.append(connections[TELEMETRY])
        del connections[TELEMETRY]


def start_anew() -> None:
    """Have the next statement begin with a new connection, and ask it again for what was known of the old one."""
    line = connections[TELEMETRY].connection
    if line is None or getattr(line, "closed", False):
        drain_pool()
    connections[TELEMETRY].close()
    series_ids.forget()


def drain_pool() -> None:
    """Replace the connections that this process keeps ready: what cut ours off has cut those off, too.

    The pool would find that out of each of them by itself, one after the other, with pauses that grow to seconds.
    """
    if pool := getattr(connections[DEFAULT_DB_ALIAS], "pool", None):
        pool.drain()


def check_the_file() -> None:
    """Start anew when SQLite's file is another one than this thread opened, which would take writes and lose them.

    Raises FileNotFoundError while there is none: opening it would make an empty one.
    """
    connection = connections[TELEMETRY]
    if connection.vendor == "sqlite":
        found = Path(connection.settings_dict["NAME"]).stat()
        file = found.st_dev, found.st_ino
        if file != getattr(opened, "file", file):
            start_anew()
        opened.file = file


os.register_at_fork(after_in_child=leave_to_parent)
