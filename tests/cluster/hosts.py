"""The hosts, the services they share, and who starts again what has died, as systemd does (deploy/systemd)."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.postgresql import PostgreSQL, postgresql_server
from tests.redis import Redis, redis
from tests.server import Server, installed

SECRET = "shared-by-all-hosts-" + "k" * 40
RESTART_S = 2  # RestartSec of the units
LOOK_S = 0.05
GONE_AFTER_S = 15
REDELIVERY_S = 15
# Customers and probes come from few addresses; nobody waits longer than they must for what a killed worker had in hand.
SETTINGS = {
    "SECRET_KEY": SECRET,
    "DESK_JOINS_PER_MINUTE": "10000",
    "DESK_GONE_AFTER": str(GONE_AFTER_S),
    "JOB_TIMEOUT": "10",
    "JOB_REDELIVERY": str(REDELIVERY_S),
    "LOG_LEVEL": "INFO",
}


class Supervisor:
    """Starts what a host runs again, RESTART_S after it has died, until it is told to let go."""

    def __init__(self, server: Server, *commands: str) -> None:
        self._server, self._commands = server, list(commands)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"supervisor of {server.data.name}")
        for command in commands:
            server.start(command)
        self._thread.start()

    def kill(self, command: str) -> None:
        self._server.running[command].kill()

    def let_go(self, command: str) -> None:
        """Stop it for good, in peace."""
        self._commands.remove(command)
        self._server.stop(command)

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            for command in list(self._commands):
                process = self._server.running.get(command)  # none: it was just stopped
                if process and process.poll() is not None:
                    time.sleep(RESTART_S)
                    self._server.start(command)


@dataclass(frozen=True)
class Host:
    name: str
    server: Server
    supervisor: Supervisor


@dataclass(frozen=True)
class Cluster:
    folder: Path
    hosts: tuple[Host, Host]
    database: PostgreSQL
    redis: Redis

    def rows(self, query: str) -> list[tuple]:
        """What the desk's tables (in `public`) or the telemetry's (in `telemetry`) hold."""
        with psycopg.connect(self.database.url, options="-c search_path=public,telemetry") as connection:
            return connection.execute(query).fetchall()

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0] or 0)

    def hire(self, count: int) -> dict[str, str]:
        """The passwords of so many members of staff, whom every host knows."""
        server = self.hosts[0].server
        hired = server.manage("demo_staff", "--count", str(count))
        assert hired.returncode == 0, hired.stderr
        return dict(json.loads((server.data / "demo-staff.json").read_text()))


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        database, news = stack.enter_context(postgresql_server()), stack.enter_context(redis())
        shared = SETTINGS | {"DATABASE_URL": database.url, "REDIS_URL": news.url}
        hosts = []
        for name in ("one", "two"):
            server = stack.enter_context(installed(folder / name, prepare=name == "one", **shared))
            supervisor = Supervisor(server, "serve", "qcluster")
            stack.callback(supervisor.end)
            hosts.append(Host(name, server, supervisor))
        yield Cluster(folder, (hosts[0], hosts[1]), database, news)
