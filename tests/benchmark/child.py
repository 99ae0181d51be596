"""A process that runs one module of `inside/`: functions are called in it by name, with JSON over its pipes.

Run as a program it is that process; it needs nothing but Python, so that it also runs in the peers' environment.
"""

import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """What went wrong in the other process, as it tells it."""


class Child:
    def __init__(self, module: str, environment: Mapping[str, str], python: str) -> None:
        command = [python, "-m", "tests.benchmark.child", f"tests.benchmark.inside.{module}"]
        self.process = subprocess.Popen(
            command, env=environment, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, function: str, *arguments: object) -> Any:
        """What the module's `function` returns. Raises Failed."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([function, *arguments]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{function}: the process ended with code {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["value"]

    def close(self) -> None:
        """Let the process end by itself, as a command does."""
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def child(module: str, environment: Mapping[str, str], python: str = sys.executable) -> Iterator[Child]:
    """`module` of `inside/` in a process of its own, with Django set up when the environment names its settings."""
    process = Child(module, environment, python)
    try:
        yield process
    finally:
        process.close()


def listen(module: str) -> None:
    """Answer until there is nothing more to read; what the module prints goes to stderr."""
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        try:
            if "DJANGO_SETTINGS_MODULE" in os.environ:
                importlib.import_module("django").setup()
            functions = importlib.import_module(module)
        except Exception:
            functions, broken = None, traceback.format_exc()
        for line in sys.stdin:
            function, *arguments = json.loads(line)
            try:
                answer = {"value": getattr(functions, function)(*arguments)} if functions else {"error": broken}
            except Exception:
                answer = {"error": traceback.format_exc()}
            print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    listen(sys.argv[1])
