"""A real AdminAra in processes of its own, started by the operator's commands, for tests that must be its clients."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
from django.contrib.auth.hashers import make_password

from tests import own_services, programs
from tests.programs import ROOT as ROOT
from tests.programs import Program

PATIENCE_S = 30  # to start; Ctrl-C and SIGTERM have 10
# For servers: below the ports that the kernel gives to clients. Each process of tests begins elsewhere, by the golden
# ratio, so that neither those beside each other nor those of two runs come to the same port at the same time.
PORTS, turns = range(20_000, 32_000), count(7_417 * os.getpid())
TABLES = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'telemetry')"
hashed = cache(make_password)  # hashing is slow on purpose: once is enough


@dataclass
class Server:
    data: Path
    port: int
    metrics_port: int
    environment: dict[str, str]
    running: dict[str, Program | subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; the caller looks at `returncode`, `stdout` and `stderr`."""
        return programs.run(["manage.py", *arguments], self.environment)

    def add_superuser(self, username: str, password: str) -> None:
        """What `createsuperuser` does, for which it takes a second of a processor."""
        fields = {
            "username": username,
            "password": hashed(password),
            "date_joined": datetime.now(UTC).isoformat(" "),
            **dict.fromkeys(("is_superuser", "is_staff", "is_active"), True),
            **dict.fromkeys(("first_name", "last_name", "email"), ""),
        }
        values = ", ".join([self.placeholder] * len(fields))
        with closing(self.database("adminara", "public")) as database, database:
            database.execute(f"INSERT INTO auth_user ({', '.join(fields)}) VALUES ({values})", [*fields.values()])

    def start(self, command: str) -> None:
        """Run `serve`, `qcluster` or `export_metrics` in the background; what it says goes to <data>/<command>.log."""
        shared = self.environment | {"PROMETHEUS_MULTIPROC_DIR": str(self.data / "metrics")}  # as the Procfile does
        with self.log(command).open("a") as log:
            self.running[command] = programs.start(["manage.py", command], shared, log, log)
        answers = {"serve": f"{self.url}/healthz", "export_metrics": f"http://127.0.0.1:{self.metrics_port}/metrics"}
        if command in answers:
            self._wait_until_alive(command, answers[command])

    def stop(self, command: str, sent: signal.Signals = signal.SIGTERM, within_s: float = 10) -> int:
        """End `command` and return its exit code."""
        process = self.running.pop(command)
        process.send_signal(sent)
        try:
            return process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{command} was still there {within_s} s after {sent.name}") from None

    def log(self, command: str) -> Path:
        return self.data / f"{command}.log"

    def telemetry(self, query: str) -> list[tuple]:
        """Rows of the telemetry's database; a program of its own for each look would keep the machine busy."""
        with closing(self.database("telemetry", "telemetry")) as database:
            return database.execute(query).fetchall()

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of the desk's database; each `?` stands for one of the values."""
        with closing(self.database("adminara", "public")) as database:
            answer = database.execute(query.replace("?", self.placeholder), values)
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def database(self, file: str, schema: str) -> Any:
        """A connection to one of the two databases, which are files, or schemas of one database."""
        if address := self.environment.get("DATABASE_URL"):
            return psycopg.connect(address, options=f"-c search_path={schema}")
        return sqlite3.connect(self.data / f"{file}.sqlite3", timeout=10)

    def stored(self) -> dict[str, bytes]:
        """All that it has written, by file, and by table where it uses PostgreSQL."""
        found = {str(file.relative_to(self.data)): file.read_bytes() for file in self.data.rglob("*") if file.is_file()}
        if address := self.environment.get("DATABASE_URL"):
            with closing(psycopg.connect(address)) as database:
                for (table,) in database.execute(TABLES).fetchall():
                    rows = database.execute(f"SELECT kept::text FROM {table} kept").fetchall()
                    found[table] = "\n".join(text for (text,) in rows).encode()
        return found

    @property
    def placeholder(self) -> str:
        return "%s" if "DATABASE_URL" in self.environment else "?"

    def _wait_until_alive(self, command: str, address: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        with httpx.Client(trust_env=False, verify=False) as client:  # reading certificates takes longer than asking
            while time.monotonic() < deadline and self.running[command].poll() is None:
                try:
                    client.get(address).raise_for_status()
                except httpx.HTTPError:
                    time.sleep(0.1)
                else:
                    return
        raise AssertionError(f"{command} did not come up:\n{self.log(command).read_text()}")


def free_port() -> int:
    """One that is free, and that neither a client nor another process of tests is about to take."""
    while True:
        port = PORTS[next(turns) % len(PORTS)]
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


@cache
def migrated() -> Path:
    """A data folder with empty databases, to copy: to migrate takes two seconds of a processor."""
    data = Path(os.environ["ADMINARA_DATA_DIR"]) / "migrated"
    for database in ("default", "telemetry"):
        command = ["manage.py", "migrate", f"--database={database}", "--verbosity=0", "--skip-checks"]
        programs.run(command, own_services.embedded() | {"ADMINARA_DATA_DIR": str(data)}).check_returncode()
    return data


@cache
def prepared() -> tuple[Path, str]:
    """A data folder as the operator's `prepare` leaves it, to copy: with an administrator and the schedules.

    With it the database that these are in, where the tests run on PostgreSQL.
    """
    services = own_services.create() if own_services.ON_SERVICES else {}
    data = Path(os.environ["ADMINARA_DATA_DIR"]) / "prepared"
    shutil.copytree(migrated(), data)
    own = {"ADMINARA_PORT": str(free_port()), "OTEL_EXPORTER_PROMETHEUS_PORT": str(free_port())}
    environment = own_services.embedded() | own | {"ADMINARA_DATA_DIR": str(data)} | services
    programs.run(["manage.py", "prepare"], environment).check_returncode()
    return data, own_services.name_of(services)


@contextmanager
def installed(data: Path, *, prepare: bool = True, **settings: str) -> Iterator[Server]:
    """A fresh installation in `data`, of which nothing runs yet; what is started of it is stopped at the end."""
    port, metrics_port = free_port(), free_port()
    like_others = prepare and not {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"} & settings.keys()
    template, database = prepared() if like_others else (migrated(), "")
    shutil.copytree(template, data, dirs_exist_ok=True)
    own_place = own_services.ON_SERVICES and prepare and "DATABASE_URL" not in settings
    services = own_services.create(like=database) if own_place else {}
    own = {
        "ENV_FILE": os.devnull,
        "ADMINARA_DATA_DIR": str(data),
        "ADMINARA_PORT": str(port),
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(metrics_port),
        "OTEL_TRACES_EXPORTER": "none",
    }
    server = Server(data, port, metrics_port, own_services.embedded() | own | services | settings)
    if prepare and not like_others:
        done = server.manage("prepare")
        assert done.returncode == 0, done.stderr
    try:
        yield server
    finally:
        for command in list(server.running):
            server.stop(command)
        own_services.drop(services)


@contextmanager
def serving(data: Path, *beside: str, **settings: str) -> Iterator[Server]:
    """A fresh installation in `data`: the web server, and beside it `qcluster` or `export_metrics` where asked for."""
    with installed(data, **settings) as server:
        for command in ("serve", *beside):
            server.start(command)
        yield server
