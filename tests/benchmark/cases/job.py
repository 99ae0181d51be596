"""One job that does nothing, through django-q2's own queue, workers and all, in interleaved rounds.

Against the same job with ENABLE_TRACING and ENABLE_PROFILING off, and against django-q2 without AdminAra.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from tests.benchmark.child import ROOT, Child, child
from tests.benchmark.place import of, place
from tests.benchmark.result import Row

ROUNDS, JOBS = 14, 200
OFF = {"ENABLE_TRACING": "false", "ENABLE_PROFILING": "false"}
TRACED, UNTRACED, BARE = "traced", "untraced", "django-q2 by itself"


def run() -> list[Row]:
    with ExitStack() as stack:
        queues = {
            TRACED: stack.enter_context(ours()),
            UNTRACED: stack.enter_context(ours(**OFF)),
            BARE: stack.enter_context(bare()),
        }
        times: dict[str, list[float]] = {name: [] for name in queues}
        for queue in queues.values():
            queue.ask("drain", JOBS)
        for _ in range(ROUNDS):
            for name, queue in queues.items():
                times[name].append(queue.ask("drain", JOBS))
    traced, untraced, alone = (median(times[name]) for name in (TRACED, UNTRACED, BARE))
    return [
        Row(
            "one job traced against the same job untraced, through django-q2",
            f"{traced:.0f} us",
            f"{untraced:.0f} us",
            f"{traced / untraced:.2f}",
            "at most 1.10 times",
            traced / untraced <= 1.10,
            f"the fastest rounds: {min(times[TRACED]):.0f} and {min(times[UNTRACED]):.0f} us",
        ),
        Row("the same job through django-q2 by itself", f"{traced:.0f} us", f"{alone:.0f} us", f"{traced / alone:.2f}"),
    ]


@contextmanager
def ours(**settings: str) -> Iterator[Child]:
    with place(LOG_LEVEL="WARNING", **settings) as server, of(server, "queueing") as driver:
        server.start("qcluster")
        yield driver


@contextmanager
def bare() -> Iterator[Child]:
    with tempfile.TemporaryDirectory(prefix="adminara-bench-") as folder:
        names = {"DJANGO_SETTINGS_MODULE": "tests.benchmark.inside.bare_settings", "ADMINARA_DATA_DIR": folder}
        environment = os.environ | names | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "django"]
        subprocess.run([*command, "migrate", "--verbosity=0"], env=environment, cwd=ROOT, check=True)
        cluster = subprocess.Popen([*command, "qcluster"], env=environment, cwd=ROOT)
        try:
            with child("queueing", environment) as driver:
                yield driver
        finally:
            cluster.terminate()
            try:
                cluster.wait(20)
            except subprocess.TimeoutExpired:
                cluster.kill()
                cluster.wait()
