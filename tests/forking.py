"""Forks while the writing thread is in the middle of a transaction; run by tests/integration/test_fork.py."""

import os
import signal
import sys
import threading
import time

from django.db import OperationalError, connections

from monitoring import count, profiler, start_span
from monitoring.models import Writer
from monitoring.shutdown import end_telemetry
from monitoring.store.buffer import buffer
from tests.exactness import ending_of, exact, forked, rows

FORKS = 12
EACH = 50  # measures, by the parent before each fork and by each child
LONGEST_S = 60


def record(name: str) -> None:
    for number in range(EACH):
        with start_span(f"{name}-operation"):
            profiler.record(name, number)
        count("customers_joined_total")


class Slowly:
    """Makes the writing thread stay in its transactions, and says while it is in one; fails them while `away`."""

    def __init__(self) -> None:
        self.inside = threading.Event()
        self.parent = os.getpid()
        self.away = False

    def __call__(self, execute, sql, parameters, many, context):
        if self.away:
            raise OperationalError("as if the database were away")
        done = execute(sql, parameters, many, context)
        if threading.current_thread() is buffer._thread and "monitoring_delta" in sql:
            self.inside.set()
            time.sleep(0.05)
            self.inside.clear()
        return done


def child() -> None:
    """What a forked worker does; it must neither wait for its parent's locks nor speak on its connections."""
    assert not connections["telemetry"].execute_wrappers, "that is the parent's connection"
    record("child")
    end_telemetry()


def main() -> None:
    signal.alarm(LONGEST_S)
    slowly = Slowly()
    record("parent")
    buffer.flush()  # this thread has a connection of its own, which the children are born with
    mine = connections["telemetry"]
    mine.execute_wrappers.append(slowly)
    sink = buffer.sink

    def slow_sink(records):
        if os.getpid() == slowly.parent and slowly not in connections["telemetry"].execute_wrappers:
            connections["telemetry"].execute_wrappers.append(slowly)
        sink(records)

    buffer.sink = slow_sink
    record("parent")
    slowly.away = True
    buffer.flush()  # what was not written is the parent's to write
    children, inside = [forked(child)], 0
    slowly.away = False
    for _ in range(FORKS):
        record("parent")
        buffer.wake()
        inside += slowly.inside.wait(5)
        children.append(forked(child))
    assert inside == FORKS, "the writing thread was not seen at work"
    assert [ending_of(pid) for pid in children] == [0] * (FORKS + 1)
    assert connections["telemetry"] is mine
    end_telemetry()

    told = EACH * (FORKS + 2), EACH * (FORKS + 1)  # by the parent, by the children
    for name, measures in zip(("parent", "child"), told, strict=True):
        assert exact("histogram", name=name) == exact("span", name=f"{name}-operation") == measures
    assert exact("counter", name="customers_joined_total") == sum(told)
    assert rows() == (sum(told), sum(told))
    writers = Writer.objects.filter(shed=0, ended=True)
    assert sorted(writers.values_list("failures", flat=True)) == [*[0] * (FORKS + 1), 1]
    sys.stdout.write(f"{inside} forks")
