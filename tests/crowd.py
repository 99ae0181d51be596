"""Processes that record the same new names at the same moments and lose answers; see integration/test_crowd.py.

Their clocks run fast, so that minutes end and are merged all the while, by whichever process is first to be due.
"""

import multiprocessing
import random
import sys
import time
from itertools import count as counting

from django.db import OperationalError, connections

from monitoring import count, profiler
from monitoring.guard import guard
from monitoring.models import Rollup, Series
from monitoring.store import figures
from monitoring.store.buffer import buffer
from monitoring.store.recorder import recorder
from tests.exactness import ending_of, exact, forked, rows

PROCESSES = 4
ROUNDS = 60
NAMES = [f"name-{number}" for number in range(5)]  # new ones in each round, and as many that are known
SECONDS_A_ROUND = 30
MEASURES = PROCESSES * ROUNDS * 2 * len(NAMES)


class Answers:
    """Every seventh commit on the telemetry succeeds without this process being told."""

    def __init__(self) -> None:
        self.lost, commits = 0, counting(1)
        connection = connections["telemetry"]
        commit = connection._commit

        def commit_and_lose_some_answers() -> None:
            commit()
            if next(commits) % 7 == 0:
                self.lost += 1
                raise OperationalError("the answer was lost")

        connection._commit = commit_and_lose_some_answers


def record(number: int, together) -> None:
    answers, chance, began = Answers(), random.Random(number), time.time()
    for turn in range(ROUNDS):
        time.time = lambda now=began + SECONDS_A_ROUND * turn: now
        names = [*NAMES, *(f"{name} of round {turn}" for name in NAMES)]
        chance.shuffle(names)
        together.wait()
        for name in names:
            profiler.record(name, chance.uniform(0, 1000))
        count("customers_joined_total")
        buffer.flush()
    while recorder._in_flight or recorder._pending:
        buffer.flush()
    assert answers.lost > ROUNDS // 7
    if connections["telemetry"].vendor == "postgresql":  # SQLite may say that it is busy
        assert sum(guard.failures.values()) == answers.lost, guard.failures


def read() -> None:
    """Whoever reads meanwhile sees each measure once, whether it was merged or not: counts never fall."""
    seen = 0
    while seen < MEASURES:
        before = seen
        seen = sum(series.histogram.count for series in figures.since_the_beginning(["histogram"]))
        assert before <= seen <= MEASURES


def deadlocks() -> int:
    with connections["telemetry"].cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def main() -> None:
    buffer.autoflush = False
    connections.close_all()
    together = multiprocessing.get_context("fork").Barrier(PROCESSES)
    children = [forked(lambda number=number: record(number, together)) for number in range(PROCESSES)]
    children.append(forked(read))
    assert [ending_of(child) for child in children] == [0] * (PROCESSES + 1)
    assert exact("histogram") == rows()[0] == MEASURES
    assert exact("counter", name="customers_joined_total") == PROCESSES * ROUNDS
    assert Series.objects.filter(kind="histogram").count() == len(NAMES) * (ROUNDS + 1)
    assert exact("histogram", name="name-0 of round 7") == PROCESSES
    assert Rollup.objects.exists()
    if connections["telemetry"].vendor == "postgresql":
        assert deadlocks() == 0
    sys.stdout.write(str(MEASURES))
