"""The hot path: puts durations and counts into the buffer."""

import time
from collections import Counter
from collections.abc import Mapping

from opentelemetry.trace import get_current_span

from monitoring.instruments import Labels, declared
from monitoring.store.buffer import buffer
from monitoring.store.records import Count, Duration

LONGEST_NAME = 200
refused: Counter[str] = Counter()  # labels that no declaration knows, by instrument


def record_duration(name: str, labels: Mapping[str, str], at: float, ms: float, *, ok: bool = True) -> None:
    context = get_current_span().get_span_context()
    buffer.put(Duration(name[:LONGEST_NAME], checked(name, labels), at, ms, ok, context.trace_id, context.span_id))


def count(name: str, amount: int = 1, **labels: str) -> None:
    """Add to a declared counter."""
    buffer.put(Count(name, checked(name, labels), time.time(), amount))


def checked(name: str, labels: Mapping[str, str]) -> Labels:
    """The labels in order, less those that the name's declaration does not know, which are counted."""
    if not labels:
        return ()
    known = declared[name].labels if name in declared else {}
    refused[name] += sum(label not in known for label in labels)
    return tuple(sorted((label, str(value)) for label, value in labels.items() if label in known))
