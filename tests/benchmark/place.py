"""Where a case runs: a fresh installation in a folder that goes away with it, on SQLite or on PostgreSQL."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmark.child import Child, child
from tests.postgresql import postgresql
from tests.server import Server, installed

DATABASES = ("SQLite", "PostgreSQL")


@contextmanager
def place(database: str = "SQLite", **settings: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="adminara-bench-") as folder:
        if database == "SQLite":
            with installed(Path(folder), **settings) as server:
                yield server
        else:
            with postgresql() as url, installed(Path(folder), DATABASE_URL=url, **settings) as server:
                yield server


@contextmanager
def inside(module: str, database: str = "SQLite", **settings: str) -> Iterator[Child]:
    """`module` of `inside/` as a process of a fresh installation, written to be a server's: telemetry and all."""
    with place(database, **settings) as server, of(server, module) as process:
        yield process


@contextmanager
def of(server: Server, module: str) -> Iterator[Child]:
    """`module` of `inside/` as one more process of the installation."""
    environment = server.environment | {
        "DJANGO_SETTINGS_MODULE": "adminara.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(server.data / "metrics"),
        "LOG_LEVEL": "WARNING",
    }
    with child(module, environment) as process:
        yield process
