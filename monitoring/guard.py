"""The one place that swallows errors: telemetry may fail, the program it watches may not notice."""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from opentelemetry.instrumentation.utils import suppress_instrumentation

T = TypeVar("T")

logger = logging.getLogger(__name__)

REPEAT_LOG_AFTER = 60.0  # seconds between two log lines about the same failing thing


class Guard:
    """Counts what failed by name; `strict` (for tests) lets every error through."""

    def __init__(self) -> None:
        self.strict = False
        self._start_afresh()
        os.register_at_fork(after_in_child=self._start_afresh)

    def _start_afresh(self) -> None:
        self.failures: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._logged_at: dict[str, float] = {}

    def note(self, what: str, error: BaseException) -> None:
        with self._lock:
            self.failures[what] += 1
            now = time.monotonic()
            silent = now - self._logged_at.get(what, -REPEAT_LOG_AFTER) < REPEAT_LOG_AFTER
            if not silent:
                self._logged_at[what] = now
        if not silent:
            logger.warning("Telemetry: %s failed and was skipped: %s: %s", what, type(error).__name__, error)


guard = Guard()


def attempted(function: Callable[[], T], instead: Callable[[], T]) -> T:
    """What `function` returns, or `instead` where it fails over an object that the program handed in."""
    try:
        return function()
    except Exception:
        return instead()


def said(value: object) -> str:
    """The value as text; of one that fails to say itself, its type."""
    return attempted(lambda: str(value), lambda: type(value).__name__)


@contextmanager
def quiet(what: str) -> Iterator[None]:
    """Run a block of telemetry: its errors are counted under `what`, and nothing inside it is itself traced."""
    with harmless(what), suppress_instrumentation():
        yield


@contextmanager
def harmless(what: str) -> Iterator[None]:
    """Count errors under `what` instead of raising them. A span made current inside stays so; `quiet` would undo it."""
    try:
        yield
    except Exception as error:
        if guard.strict:
            raise
        guard.note(what, error)
