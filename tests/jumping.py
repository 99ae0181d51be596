"""A running program whose clock is set an hour on and back, again and again; run by tests/integration/test_clock.py."""

import sys
import time

from django.db.models import F

from monitoring import count, profiler, start_span
from monitoring.models import Delta, JobRun, Leader, Measure, Rollup, Span
from monitoring.runs import run_job
from monitoring.shutdown import end_telemetry
from monitoring.store.buffer import buffer
from tests.exactness import exact, rows

HOUR, MINUTE = 3600, 60
JUMPS = (0, HOUR, 0, -HOUR, 0, 2 * HOUR, -2 * HOUR, 0)  # the clock's error, in seconds
MINUTES = 3  # that pass after each jump
EACH = 20


class Clock:
    """The wall clock of this process, in the hands of the test; the monotonic one is left alone."""

    def __init__(self) -> None:
        self._time, self._time_ns = time.time, time.time_ns
        self.passed = self.error = 0

    def time(self) -> float:
        return self._time() + self.passed + self.error

    def time_ns(self) -> int:
        return self._time_ns() + (self.passed + self.error) * 10**9


clock = Clock()


def set_the_clock_back() -> str:
    clock.error -= HOUR
    return "done"


def main() -> None:
    recorded = 0
    # Each module that looks at the clock does so by one of these names.
    time.time, time.time_ns = clock.time, clock.time_ns
    sys.modules["monitoring.tracing.span"].time_ns = clock.time_ns
    for error in JUMPS:
        for _ in range(MINUTES):
            with start_span("operation"):
                for number in range(EACH):
                    profiler.mark("start")
                    clock.error = error  # in the middle of what is measured
                    assert profiler.measure("work", "start") >= 0
                    profiler.record("known", number)
                    count("customers_joined_total")
            run_job(set_the_clock_back)
            clock.error = error
            recorded += EACH
            buffer.flush()
            clock.passed += MINUTE
        buffer.flush()
        begun = int(clock.time()) // MINUTE * MINUTE
        compacted = Leader.objects.get().compacted_at.timestamp()
        assert abs(clock.time() - compacted) < MINUTE + 1, "the compaction stood still"
        assert not Delta.objects.filter(bucket__lt=begun - MINUTE).exists(), "what is over was not merged"
    end_telemetry()

    assert exact("histogram", name="work") == exact("histogram", name="known") == recorded
    assert exact("counter", name="customers_joined_total") == recorded
    assert exact("span", name="operation") == len(JUMPS) * MINUTES
    assert exact("histogram", name="job_processing_time") == len(JUMPS) * MINUTES
    assert rows() == (exact("histogram"), exact("span"))
    for lowest in (Measure, Span):
        assert lowest.objects.order_by("duration_ms").values_list("duration_ms", flat=True).first() >= 0
        assert lowest.objects.order_by("-duration_ms").values_list("duration_ms", flat=True).first() < MINUTE * 1000
    assert JobRun.objects.filter(status="success", finished_at__gte=F("started_at")).count() == len(JUMPS) * MINUTES
    assert Rollup.objects.filter(least_ms__lt=0).count() == 0
    sys.stdout.write(f"{recorded} measures")
