"""Programs of the project, started by the tests in a third of the time that it takes.

A start takes a second of a processor, most of it to import modules of others, and the tests start hundreds. So each is
forked off a process that has imported those already (tests/warm.py). It is a process of its own nonetheless, with its
environment, output, exit code and signals. Without pytest, as in `make load`, programs are started as in operation.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests import warm

ROOT = Path(__file__).resolve().parent.parent
LOOK_S = 0.02


class Program:
    """What `subprocess.Popen` offers of a process, for one that was forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = parent().ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float = 150) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(LOOK_S)
        return code

    def send_signal(self, sent: signal.Signals) -> None:
        if self.poll() is None:  # its number is its own until its end was asked for
            os.kill(self.pid, sent)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Parent:
    """The process that forks, as the tests speak to it; it ends with them."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._to, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.warm", str(theirs.fileno())]
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        atexit.register(self.end)

    def ask(self, asked: dict[str, Any], *files: int) -> Any:
        with self._one_at_a_time:
            socket.send_fds(self._to, [json.dumps(asked).encode()], files)
            return json.loads(self._to.recv(warm.LONGEST))

    def end(self) -> None:
        self._to.close()
        self._process.wait(10)


@cache
def parent() -> Parent:
    return Parent()


def start(
    arguments: Sequence[str], environment: Mapping[str, str], output: IO[Any], errors: IO[Any]
) -> Program | subprocess.Popen[bytes]:
    """Python with these arguments, `manage.py ...` or `-c code ...`, in the project's folder."""
    if "pytest" in sys.modules:
        asked = {"arguments": arguments, "environment": dict(environment)}
        return Program(parent().ask(asked, output.fileno(), errors.fileno()))
    return subprocess.Popen([sys.executable, *arguments], env=environment, cwd=ROOT, stdout=output, stderr=errors)


def run(
    arguments: Sequence[str], environment: Mapping[str, str], timeout: float = 150
) -> subprocess.CompletedProcess[str]:
    """To its end; the caller looks at `returncode`, `stdout` and `stderr`."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        program = start(arguments, environment, output, errors)
        try:
            code = program.wait(timeout)
        finally:
            program.kill()
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(arguments, code, output.read(), errors.read())
