"""Which measures stand as examples: of each series and minute the slowest and the first that failed.

A process offers what it measured and remembers how slow its third slowest was, so that a busy minute adds few rows.
"""

from dataclasses import dataclass, field
from heapq import nlargest
from operator import attrgetter
from typing import NamedTuple

from opentelemetry.trace import INVALID_SPAN

from monitoring.store.records import Duration, SeriesKey
from monitoring.tracing.span import LightSpan

SLOWEST = FAILED = 3  # of a series and minute, by each process
MS = attrgetter("ms")
MOST_REMEMBERED = 20_000  # series and minutes


class Example(NamedTuple):
    """A measure whose trace is kept; `at` in seconds since the epoch, `ms` its duration."""

    key: SeriesKey
    minute: int
    at: float
    ms: float
    ok: bool
    trace_id: int
    span_id: int


@dataclass
class Chosen:
    """What was chosen of a series and minute: the durations of the slowest, and how many that failed."""

    slowest: list[float] = field(default_factory=list)
    failed: int = 0


class Exemplars:
    def __init__(self) -> None:
        self._chosen: dict[tuple[int, SeriesKey], Chosen] = {}

    def choose(self, key: SeriesKey, minute: int, group: list[Duration]) -> list[Example]:
        """Of a group of one series and minute, those that are slower or failed earlier than what was chosen before."""
        linked = [duration for duration in group if duration.span is not INVALID_SPAN and is_kept(duration)]
        if not linked:
            return []
        chosen = self._of(key, minute)
        least = chosen.slowest[-1] if len(chosen.slowest) == SLOWEST else -1.0
        slowest = nlargest(SLOWEST, (one for one in linked if one.ms > least), key=MS)
        chosen.slowest = nlargest(SLOWEST, [*chosen.slowest, *map(MS, slowest)])
        failed = [one for one in linked if not one.ok][: FAILED - chosen.failed]
        chosen.failed += len(failed)
        return [example(key, minute, one) for one in {id(one): one for one in (*slowest, *failed)}.values()]

    def _of(self, key: SeriesKey, minute: int) -> Chosen:
        if len(self._chosen) >= MOST_REMEMBERED:
            self._chosen.clear()  # a few rows more than there need be
        return self._chosen.setdefault((minute, key), Chosen())


def is_kept(duration: Duration) -> bool:
    """Whether the measure's trace is known to be kept."""
    span = duration.span
    return type(span) is LightSpan and (span.local_root.sampled or span.local_root.worth_keeping)


def example(key: SeriesKey, minute: int, duration: Duration) -> Example:
    context = duration.span.get_span_context()
    return Example(key, minute, duration.at, duration.ms, duration.ok, context.trace_id, context.span_id)
