"""Decides which traces are kept: those that failed or were slow, and of the others what the sampler chose.

The decision falls when a trace's first span in this process, its local root, has ended. Until then the spans of a
trace that the sampler did not choose wait here, for a limited time and in limited number.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitoring.store.records import Duration
from monitoring.thresholds import threshold_of
from monitoring.tracing.span import LightSpan

MOST_WAITING = 10_000  # spans; when there are more the oldest trace is decided with what is known
LONGEST_WAIT = 60.0  # seconds; a connection may stay open for hours


@dataclass
class Waiting:
    since: float
    spans: list[LightSpan] = field(default_factory=list)


class Keeping:
    def __init__(self) -> None:
        self._waiting: dict[LightSpan, Waiting] = {}  # by local root, oldest first
        self._count = 0

    def __call__(self, spans: Iterable[LightSpan], durations: Iterable[Duration]) -> list[LightSpan]:
        """Of all spans that ended until now, those to keep; `durations` that failed or were slow keep their trace."""
        _look_at(spans, durations)
        kept = [span for span in spans if self._keep(span)]
        for root in [span for span in spans if span.root is None]:
            root.decided = True
            kept += self._decide(root)
        self._give_up(time.monotonic())
        return kept

    def _keep(self, span: LightSpan) -> bool:
        """Whether a span is kept for certain; one that is undecided waits."""
        root = span.local_root
        if root.sampled or root.worth_keeping:
            return True
        if span is not root and not root.decided:
            self._waiting.setdefault(root, Waiting(time.monotonic())).spans.append(span)
            self._count += 1
        return False

    def _decide(self, root: LightSpan) -> list[LightSpan]:
        waiting = self._waiting.pop(root, None)
        if waiting is None:
            return []
        self._count -= len(waiting.spans)
        return waiting.spans if root.worth_keeping else []

    def _give_up(self, now: float) -> None:
        """The sampler's word holds for traces that have waited too long."""
        while self._waiting:
            oldest = next(iter(self._waiting))
            if self._count <= MOST_WAITING and now - self._waiting[oldest].since <= LONGEST_WAIT:
                return
            self._decide(oldest)


def _slow(span: LightSpan) -> bool:
    return span.counted and span.duration_ms > threshold_of(span.name)


def _look_at(spans: Iterable[LightSpan], durations: Iterable[Duration]) -> None:
    """Note on the roots of traces what makes them worth keeping."""
    for span in spans:
        if not span.local_root.sampled and (span.failed or _slow(span)):
            span.local_root.worth_keeping = True
    for duration in durations:
        inside = duration.span
        if type(inside) is LightSpan and not inside.local_root.sampled:
            inside.local_root.worth_keeping |= not duration.ok or duration.ms > threshold_of(duration.name)
