"""What tells idle workers of a new job at once, instead of at their next look into the queue.

Whoever enqueues rings, in the transaction of the job: it is heard when the job is committed, and never when it is not.
Rings that nobody waited for are one ring to the next who does. What was not heard is found by the next look.
"""

import os
import select
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connections, transaction
from django_q.conf import Conf

MANY = 65_536  # bytes: more rings than a pipe holds
CHANNEL = "adminara_jobs"


class Bell(Protocol):
    def ring(self) -> None:
        """Be heard once the transaction that this thread is in is committed; at once when it is in none."""

    def wait(self, seconds: float) -> bool:
        """Return when it rings, or after so many seconds; whether it rang."""


class PipeBell:
    """A named pipe in the data folder: heard on this host."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pipe: int | None = None

    def ring(self) -> None:
        transaction.on_commit(self._write, using=Conf.ORM)

    def wait(self, seconds: float) -> bool:
        try:
            rang = bool(select.select([self._listening()], [], [], seconds)[0])
            return rang and bool(os.read(self._listening(), MANY))
        except OSError:
            time.sleep(seconds)
            return False

    def _write(self) -> None:
        with suppress(OSError):  # nobody listens, or it has been rung more often than a pipe can hold
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, b"!")
            finally:
                os.close(pipe)

    def _listening(self) -> int:
        if self._pipe is None:
            with suppress(FileExistsError):
                os.mkfifo(self._path, 0o600)
            # For writing as well, or the pipe would be at its end whenever nobody is ringing.
            self._pipe = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        return self._pipe


class ServerBell:
    """PostgreSQL's own NOTIFY: heard on every host. Whoever waits keeps a connection for it, or makes another."""

    def __init__(self) -> None:
        self._line: Any = None  # a psycopg connection: that package is there where PostgreSQL is used

    def ring(self) -> None:
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")

    def wait(self, seconds: float) -> bool:
        from psycopg import Error

        until = time.monotonic() + seconds
        try:
            return bool(list(self._listening().notifies(timeout=seconds, stop_after=1)))
        except Error:  # the server is away: whoever waits looks into the queue meanwhile, and hears it there
            self._hang_up()
            time.sleep(max(0.0, until - time.monotonic()))
            return False

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _listening(self) -> Any:
        from psycopg import connect

        if self._line is None:
            line = connect(**connections[Conf.ORM].get_connection_params(), autocommit=True)
            line.execute(f"LISTEN {CHANNEL}")
            self._line = line
        return self._line


def bell() -> Bell:
    """That of the database which holds the queue."""
    if connections[Conf.ORM].vendor == "postgresql":
        return ServerBell()
    return PipeBell(settings.DATA_DIR / "queue.bell")
