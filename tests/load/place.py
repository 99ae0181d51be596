"""Where the load goes: a fresh installation with a job worker, on SQLite, or on PostgreSQL and Redis."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from redis import Redis

from tests.load.usage import Watch, parent_of
from tests.postgresql import postgresql
from tests.redis import redis
from tests.server import ROOT, Server, serving

STAFF = 200
# All customers come from this machine, each from an address of its own; the queue is as long as it gets.
SETTINGS = {"LOG_LEVEL": "WARNING", "DESK_JOINS_PER_MINUTE": "10", "DESK_QUEUE_MOST": "0"}
SCHEMAS = {"desk": "public", "telemetry": "telemetry"}
SIZE = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE schemaname = %s"
# The tests' server need not outlive a power cut; one that is measured must.
DURABLE = ("fsync", "full_page_writes")


@dataclass(frozen=True)
class Place:
    server: Server
    database: str
    processes: int
    watch: Watch
    logins: list[str] = field(default_factory=list)
    """The sessions of staff."""

    def run(self, module: str, *arguments: str) -> str:
        """What the module's `main` says, which runs beside the server as a command does."""
        code = f"import sys, django; django.setup(); from {module} import main; main(*sys.argv[1:])"
        environment = self.server.environment | {"DJANGO_SETTINGS_MODULE": "adminara.settings"}
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout

    def sizes(self) -> dict[str, int]:
        """Bytes of the desk's tables and of the telemetry's, indexes included."""
        if address := self.server.environment.get("DATABASE_URL"):
            with psycopg.connect(address) as database:
                return {what: int(database.execute(SIZE, [name]).fetchone()[0]) for what, name in SCHEMAS.items()}
        return {what: self._pages(name) for what, name in (("desk", "adminara"), ("telemetry", "telemetry"))}

    def stored(self) -> dict[str, int]:
        """Sessions by state."""
        query = "SELECT state, count(*) FROM sessions_app_supportsession GROUP BY state"
        if address := self.server.environment.get("DATABASE_URL"):
            with psycopg.connect(address) as database:
                return dict(database.execute(query).fetchall())
        with closing(self._file("adminara")) as database:
            return dict(database.execute(query).fetchall())

    def _pages(self, name: str) -> int:
        """Also those that are still in the log of what was written."""
        with closing(self._file(name)) as database:
            free, pages, size = (
                database.execute(f"PRAGMA {what}").fetchone()[0]
                for what in ("freelist_count", "page_count", "page_size")
            )
            return (pages - free) * size

    def _file(self, name: str) -> sqlite3.Connection:
        return sqlite3.connect(self.server.data / f"{name}.sqlite3", timeout=10)


@contextmanager
def place(
    database: str, processes: int = 1, staff: int = STAFF, *, worker: bool = True, **settings: str
) -> Iterator[Place]:
    """`database` is "SQLite" or "PostgreSQL", which comes with a Redis."""
    settings = SETTINGS | {"WEB_PROCESSES": str(processes)} | settings
    roots: dict[str, int] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="adminara-load-")))
        if database == "PostgreSQL":
            address, cache = stack.enter_context(postgresql()), stack.enter_context(redis())
            settings |= {"DATABASE_URL": address, "REDIS_URL": cache.url}
            roots = {"PostgreSQL": make_durable(address), "Redis": Redis.from_url(cache.url).info()["process_id"]}
        server = stack.enter_context(serving(folder, *(("qcluster",) if worker else ()), **settings))
        roots = {command: process.pid for command, process in server.running.items()} | roots
        there = Place(server, database, processes, Watch(roots))
        there.logins.extend(json.loads(there.run("tests.load.staffing", str(staff))))
        yield there


def make_durable(address: str) -> int:
    """Returns the server's process."""
    with psycopg.connect(address, autocommit=True) as database:
        for setting in DURABLE:
            database.execute(f"ALTER SYSTEM SET {setting} = on")
        database.execute("SELECT pg_reload_conf()")
        return parent_of(database.info.backend_pid)
