"""django-q2's broker on the database, with a bell: a job starts on an idle worker at once instead of at the next look.

The bell is a named pipe in the data folder, so it is heard on the same host; elsewhere, and when it cannot be made, the
next look into the queue finds the job.
"""

import os
import select
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils.timezone import now
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

WAITING = f"SELECT 1 FROM {OrmQ._meta.db_table} WHERE key = %s AND lock < %s LIMIT 1"  # noqa: S608, SLF001
MANY = 65_536  # bytes: more rings than a pipe holds


class Bell:
    """One side rings, the other one waits; rings that nobody waited for are one ring to the next who does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pipe: int | None = None

    def ring(self) -> None:
        with suppress(OSError):  # nobody listens, or it has been rung more often than a pipe can hold
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, b"!")
            finally:
                os.close(pipe)

    def wait(self, seconds: float) -> bool:
        """Return when it rings, or after so many seconds; whether it rang."""
        try:
            rang = bool(select.select([self._listening()], [], [], seconds)[0])
            return rang and bool(os.read(self._listening(), MANY))
        except OSError:
            time.sleep(seconds)
            return False

    def _listening(self) -> int:
        if self._pipe is None:
            with suppress(FileExistsError):
                os.mkfifo(self._path, 0o600)
            # For writing as well, or the pipe would be at its end whenever nobody is ringing.
            self._pipe = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        return self._pipe


class PromptBroker(ORM):  # type: ignore[misc]
    """Looks into the queue by one plain statement on a connection that it keeps: a fifth of what django-q2's costs."""

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self._bell = Bell(settings.DATA_DIR / "queue.bell")

    def __getstate__(self) -> str:
        return str(self.list_key)

    def __setstate__(self, list_key: str) -> None:
        self.__init__(list_key)  # type: ignore[misc]

    def enqueue(self, task: str) -> int:
        """Put a signed task into the queue; its id. Heard when the caller's transaction is committed."""
        number: int = super().enqueue(task)
        transaction.on_commit(self._bell.ring, using=Conf.ORM)
        return number

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next tasks with their ids, or None when there was nothing. Raises what the database raises."""
        if self._waiting():
            tasks: list[tuple[int, str]] | None = super().dequeue()
            return tasks
        self._bell.wait(Conf.POLL)
        return None

    def _waiting(self) -> bool:
        connection: Any = connections[Conf.ORM]
        with connection.cursor() as cursor:
            cursor.execute(WAITING, [self.list_key, connection.ops.adapt_datetimefield_value(now())])
            return cursor.fetchone() is not None
