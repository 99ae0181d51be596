"""`desk_selftest` as an operator runs it, and what it leaves behind in the database of a running installation."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.server import ROOT, Server

LEFT = """
import json
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils.timezone import now
from sessions_app import queue
from sessions_app.models import StaffPeriod, SupportSession
print(json.dumps({
    "states": list(SupportSession.objects.order_by("joined_at").values_list("state", flat=True)),
    "synthetic": list(SupportSession.objects.values_list("synthetic", flat=True).distinct()),
    "joined": queue.counts(now()).joined,
    "logins": Session.objects.count(),
    "periods": StaffPeriod.objects.count(),
    "staff": list(User.objects.filter(username="selftest").values_list("password", flat=True)),
}))
"""


def reported(server: Server, *arguments: str) -> tuple[int, dict, str]:
    """Exit code, what --json tells, and what standard error says."""
    ended = server.manage("desk_selftest", "--json", *arguments)
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, json.loads(ended.stdout or "{}"), ended.stderr


def times(report: dict, role: str) -> dict[str, float]:
    return {part["name"]: part["ms"] for part in report["parts"] if part["role"] == role}


def left(server: Server) -> dict:
    asked = server.manage("shell", "--no-imports", "-c", LEFT)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


@contextmanager
def stopped_after(server: Server, part: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A self-test that stands still after `part` until it gets SIGCONT; gone at the end."""
    command = [sys.executable, "-u", "manage.py", "desk_selftest", *arguments]
    running = subprocess.Popen(
        command, env=server.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        while not (line := running.stdout.readline()).startswith(part):
            assert line, running.stderr.read()
        running.send_signal(signal.SIGSTOP)
        yield running
    finally:
        running.kill()
        running.communicate()
