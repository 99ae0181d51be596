"""A recording process that is killed at every step, one after the other; run by tests/integration/test_kill.py.

Each life begins as a fork of one prepared process, and goes on with the database that the dead have left.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count as counting
from typing import Any

from django.db import connections

from monitoring import count, profiler, start_span
from monitoring.runs import Attempt, Running
from monitoring.store import compaction
from monitoring.store.buffer import buffer
from tests.exactness import ending_of, exact, forked, rows, runs

LIVES_AT_RANDOM = 12
MEASURES = 20

Told = Callable[[], None]


def live(tell: Told, later: float) -> None:
    """Two writes, told of when they are done, and a compaction as if the minute were over."""
    running = Running(Attempt(func="sessions_app.jobs.session_cleanup"))
    with start_span("request"):
        for number in range(MEASURES):
            profiler.record(f"name-{number % 3}", number)
    buffer.flush()
    tell()
    count("customers_joined_total")
    running.end("done")
    buffer.flush()
    tell()
    assert compaction.compact_if_due(later)


def live_until(step: int, tell: Told, later: float) -> None:
    die_before(step)
    live(tell, later)


def live_for_ever(tell: Told, later: float) -> None:
    for life in counting():
        live(tell, later + 20 * life)


def die_before(step: int) -> None:
    """Have this process killed just before its statement number `step` on the telemetry; a commit is two steps."""
    connection, steps = connections["telemetry"], counting(1)

    def take_a_step() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute_after_a_step(execute: Callable[..., Any], *statement: Any) -> Any:
        take_a_step()
        return execute(*statement)

    commit = connection._commit

    def commit_between_steps() -> None:
        take_a_step()
        commit()
        take_a_step()

    connection.execute_wrappers.append(execute_after_a_step)
    connection._commit = commit_between_steps


class Lives:
    """Checks after each life that what it told of is stored, at most one more write, and nothing by half or twice."""

    def __init__(self) -> None:
        self.writes = 0  # stored by all lives
        self.later = time.time() + 120

    def one(self, life: Callable[[Told, float], None], killed_after_s: float | None = None) -> int:
        """Live a life; how it ended."""
        connections.close_all()
        ours, theirs = os.pipe()
        pid = forked(lambda: life(lambda: os.write(theirs, b"."), self.later))
        os.close(theirs)
        if killed_after_s is not None:
            time.sleep(killed_after_s)
            os.kill(pid, signal.SIGKILL)
        ended = ending_of(pid)
        with os.fdopen(ours, "rb") as told:
            wait_for_the_dead()
            self.check(len(told.read()))
        self.later += 10_000
        return ended

    def check(self, told: int) -> None:
        measures, spans = rows()
        second = exact("counter", name="customers_joined_total")
        first = (measures - second) // MEASURES
        before, self.writes = self.writes, first + second
        assert told <= self.writes - before <= told + 1, (told, before, self.writes)
        assert measures == exact("histogram") == MEASURES * first + second
        assert exact("histogram", name="job_processing_time") == second
        assert spans == exact("span") == first + second
        ended = runs()
        assert (sum(ended.values()), ended["success"]) == (first, second)
        for result in ("success", "interrupted"):
            assert exact("counter", name="jobs_total", labels__contains=result) == ended[result]


def wait_for_the_dead() -> None:
    """PostgreSQL may still be busy with the last word of a client that is gone."""
    if connections["telemetry"].vendor == "postgresql":
        others = "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        with connections["telemetry"].cursor() as cursor:
            while cursor.execute(others).rowcount:
                time.sleep(0.001)


def main() -> None:
    buffer.autoflush = False
    lives = Lives()
    steps = next(step for step in counting(1) if lives.one(partial(live_until, step)) == 0)
    chance = random.Random()
    for _ in range(LIVES_AT_RANDOM):
        assert lives.one(live_for_ever, chance.uniform(0.01, 0.15)) == -signal.SIGKILL
    assert lives.one(live) == 0
    sys.stdout.write(f"{steps} {lives.writes}")
