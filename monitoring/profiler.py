"""Mark and measure: how long things take, on the monotonic clock, recorded in the database.

Marks belong to the context that set them (task, thread or request), so two callers using one name never mix.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.conf import settings

from monitoring.instruments import declared
from monitoring.recording import record_duration

logger = logging.getLogger(__name__)

MOST_MARKS = 1_000  # in one context; the oldest goes first
MOST_MEASURES = 10_000  # kept in memory for get_measures()


class Measured(NamedTuple):
    """One measure of this process: `duration` in milliseconds, `timestamp` in seconds since the epoch."""

    name: str
    duration: float
    timestamp: float


class PerformanceProfiler:
    def __init__(self) -> None:
        # Replaced, never changed: a context copied from this one keeps its own marks.
        self._marks: ContextVar[dict[str, int] | None] = ContextVar("marks", default=None)
        self._measures: deque[tuple[str, float, float]] = deque(maxlen=MOST_MEASURES)  # made Measured when asked for
        self._enabled: bool | None = None

    @property
    def enabled(self) -> bool:
        if self._enabled is None:
            self._enabled = settings.ENABLE_PROFILING
        return self._enabled

    def mark(self, name: str) -> None:
        """Remember this moment as `name` in the current context."""
        if not self.enabled:
            return
        now = time.perf_counter_ns()
        marks = dict(self._marks.get() or {})
        if len(marks) >= MOST_MARKS and name not in marks:
            del marks[next(iter(marks))]
        marks[name] = now
        self._marks.set(marks)

    def measure(self, name: str, start_mark: str, end_mark: str | None = None) -> float | None:
        """Record the time from one mark to another (or to now) as `name`, and return it in milliseconds.

        A mark that was never set in this context: a warning in the log, None, and nothing is stored.
        """
        now = time.perf_counter_ns()
        if not self.enabled:
            return None
        marks = self._marks.get() or {}
        start, end = marks.get(start_mark), now if end_mark is None else marks.get(end_mark)
        if start is None or end is None:
            missing = start_mark if start is None else end_mark
            logger.warning("Measure %r left out: no mark %r was set here.", name, missing)
            return None
        return self._record(name, (end - start) / 1e6, {})

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Measure a block; one that raises is recorded as failed."""
        started, ok = time.perf_counter_ns(), False
        try:
            yield
            ok = True
        finally:
            self._record(name, (time.perf_counter_ns() - started) / 1e6, {}, ok=ok)

    def record(self, name: str, duration_ms: float, **labels: str) -> float | None:
        """Record a duration known already, in milliseconds from 0 to a week; returns it, or None when refused."""
        return self._record(name, duration_ms, labels)

    def _record(self, name: str, ms: float, labels: dict[str, str], *, ok: bool = True) -> float | None:
        if not self.enabled and name not in declared:
            return None  # a declared instrument is a metric, and counts whether or not profiling is on
        at = time.time()
        if not record_duration(name, labels, at, ms, ok=ok):
            return None
        self._measures.append((name, ms, at))
        return ms

    def get_measures(self) -> list[Measured]:
        """The latest measures of this process, oldest first."""
        return [Measured(*measured) for measured in list(self._measures)]

    def clear(self) -> None:
        """Forget this context's marks and this process' measures; what the database has stays."""
        self._marks.set({})
        self._measures.clear()

    def get_bottlenecks(self, threshold: float = 100) -> list[Measured]:
        """This process' measures that took longer than `threshold` milliseconds, slowest first."""
        return sorted((m for m in self.get_measures() if m.duration > threshold), key=lambda m: -m.duration)


profiler = PerformanceProfiler()
