"""The process that the tests' programs are forked off (tests/programs.py): of one thread, and nothing has run in it.

python -m tests.warm <file descriptor of a socket to the tests>
"""

import gc
import json
import os
import runpy
import socket
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

LONGEST = 1 << 17  # bytes of a question, most of it environment
# Nothing that looks at settings or the environment when it is imported, as OpenTelemetry and prometheus_client do.
IMPORTED = (
    "channels.generic.websocket",
    "channels.layers",
    "channels.routing",
    "croniter",
    "cryptography.fernet",
    "csp.middleware",
    "django.contrib.admin.views.main",
    "django.contrib.auth.hashers",
    "django.contrib.messages.middleware",
    "django.contrib.sessions.middleware",
    "django.contrib.staticfiles.handlers",
    "django.core.mail.backends.smtp",
    "django.core.management.commands.shell",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.middleware.common",
    "django.middleware.csrf",
    "django.middleware.locale",
    "django.template.loader_tags",
    "django.views.debug",
    "django.views.generic",
    "django_htmx.middleware",
    "django_stubs_ext",
    "dotenv",
    "httpx",
    "limits.storage",
    "multiprocessing.sharedctypes",
    "packaging.requirements",
    "picklefield",
    "psutil",
    "redis.asyncio",
    "servestatic",
    "sqlparse",
    "uvicorn.main",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvloop",
    "wsgiref.simple_server",
)


def ended(pid: int) -> int | None:
    """The exit code as `subprocess` gives it, None while it runs."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def to_be(tests: socket.socket) -> dict[str, Any] | None:
    """Fork whenever it is asked for, and return in the new process what it shall be; None when the tests are over."""
    while True:
        message, files, *_ = socket.recv_fds(tests, LONGEST, 2)
        if not message:
            return None
        asked = json.loads(message)
        if "ended" in asked:
            answer = ended(asked["ended"])
        elif not (answer := os.fork()):
            tests.close()
            for number, file in enumerate(files, start=1):  # standard output and error
                os.dup2(file, number)
                os.close(file)
            return asked
        for file in files:
            os.close(file)
        tests.send(json.dumps(answer).encode())


def become(arguments: list[str], environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    first, *others = arguments
    if first == "-c":
        code, *others = others
        sys.argv = ["-c", *others]
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(code, "<string>", "exec"), main.__dict__)
    else:
        sys.argv = [first, *others]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    for name in IMPORTED:
        import_module(name)
    gc.freeze()  # all of it stays: a quarter of a start would be to look it through for garbage
    if asked := to_be(socket.socket(fileno=int(sys.argv[1]))):
        become(**asked)
