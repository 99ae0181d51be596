"""The hot path: puts durations and counts into the buffer, and counts what it must refuse."""

import logging
import os
import time
from collections import Counter
from collections.abc import Mapping

from opentelemetry.trace import get_current_span

from monitoring.guard import said
from monitoring.instruments import Labels, declared
from monitoring.store.buffer import buffer
from monitoring.store.records import Count, Duration

logger = logging.getLogger(__name__)

LONGEST_MS = 7 * 24 * 3600 * 1000.0
LONGEST_NAME = 200
LONGEST_LABEL = 100
MOST_AT_ONCE = 2**32  # of a counter

refused: Counter[str] = Counter()  # bad input by what was wrong: duration, amount, label or name
os.register_at_fork(after_in_child=refused.clear)


def record_duration(name: str, labels: Mapping[str, str], at: float, ms: float, *, ok: bool = True) -> bool:
    """Record a duration in milliseconds, from 0 to a week, that ended `at`; whether it was taken."""
    if not (isinstance(ms, int | float) and 0 <= ms <= LONGEST_MS):  # NaN is not at least 0
        refuse("duration", f"measure {said(name)!r} left out: {said(ms)} ms is no duration from 0 to a week")
        return False
    name = name if type(name) is str else said(name)
    buffer.put(Duration(name, checked(name, labels), at, ms, ok, get_current_span()))
    return True


def count(name: str, amount: int = 1, **labels: str) -> None:
    """Add a whole number, from 0 to 2**32, to a declared counter."""
    if not (isinstance(amount, int) and 0 <= amount <= MOST_AT_ONCE):
        refuse("amount", f"count of {said(name)!r} left out: {said(amount)} is no whole number from 0 to 2**32")
        return
    name = name if type(name) is str else said(name)
    buffer.put(Count(name, checked(name, labels), time.time(), amount))


def checked(name: str, labels: Mapping[str, str]) -> Labels:
    """The labels in order, less those that the name's declaration does not know, which are counted."""
    if not labels:
        return ()
    known = declared[name].labels if name in declared else {}
    for label in labels:
        if label not in known:
            refuse("label", f"label {label!r} left out of {name!r}, which does not declare it")
    return tuple(
        sorted((label, storable(said(value))[:LONGEST_LABEL]) for label, value in labels.items() if label in known)
    )


def fitting(name: str) -> str:
    """The name as the store can hold it: text of at most 200 characters; what had to be cut is counted."""
    text = storable(name)
    if len(text) > LONGEST_NAME:
        refuse("name", f"name {text[:40]!r}... cut after {LONGEST_NAME} characters")
    return text[:LONGEST_NAME]


def storable(text: str) -> str:
    """Text without what no database takes: NUL, and half characters from bytes that were no UTF-8."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def refuse(what: str, why: str) -> None:
    """Count bad input, and warn of the 1st, 10th, 100th...: a mistake in a loop must not fill the log."""
    refused[what] += 1
    number = refused[what]
    if number == 10 ** (len(str(number)) - 1):
        logger.warning("Telemetry: %s (bad input so far: %d).", why, number)
