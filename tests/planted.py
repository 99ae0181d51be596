"""Slow on purpose: a job and a query for tests to find, each on a line of its own.

A real worker takes them by their paths: `enqueue("tests.planted.slow_job")`, `enqueue("tests.planted.slow_query")`.
"""

import logging
import time

from django.db import connection

from monitoring import profiler, traced

logger = logging.getLogger("monitoring.planted")

SLOW_JOB_S = 0.4
# Counts up to a number, beside a real table, so that the statement has one to be named after.
COUNTING = (
    "SELECT COUNT(*) FROM auth_group, ("
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) SELECT i FROM n) AS numbers"
)
NUMBERS = 300_000  # some 100 ms for SQLite with the desk's few groups


def slow_job() -> str:
    """A job that is slow in a function it calls."""
    logger.info("About to wait for nothing.")
    with profiler.timed("planted_wait"):
        dawdle()
    return f"waited {SLOW_JOB_S} s"


@traced("planted.dawdle")
def dawdle() -> None:
    time.sleep(SLOW_JOB_S)


def slow_query() -> str:
    """A job that is slow in one statement."""
    return f"counted to {count_up()}"


@traced("planted.count_up")
def count_up(numbers: int = NUMBERS) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNTING, [numbers])
        return int(cursor.fetchone()[0])
