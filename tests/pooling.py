"""A process whose connections are all cut off, as by a restart of PostgreSQL; run by tests/services/test_pool.py."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import connection, connections

from monitoring.store.buffer import buffer

READY = 8
CUT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'adminara %'"


def main() -> None:
    buffer.autoflush = False
    buffer.flush()  # a connection of the telemetry's own
    with ThreadPoolExecutor(READY) as threads:
        list(threads.map(hold, range(READY)))
    assert len(connection.pool._pool) >= READY / 2, "too few are ready for the test to show anything"
    with psycopg.connect(**connection.get_connection_params() | {"application_name": "knife"}) as other:
        other.execute(CUT)
    buffer.flush()  # finds out, within a second of a process that lives
    began = time.monotonic()
    ask()
    print(f"{time.monotonic() - began:.1f} s")  # noqa: T201


def hold(_number: int) -> None:
    ask()
    time.sleep(0.3)
    connections.close_all()


def ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
