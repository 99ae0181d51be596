"""Where the time of a trace went, in a few words: what has most of its critical path."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from monitoring.models import Span
from monitoring.panel.attributes import place, statement
from monitoring.panel.waterfall import Bar, Waterfall

MOST = 3
LEAST_SHARE = 0.01  # of the trace: less is not worth a word
LONGEST = 90  # characters of a statement


@dataclass(frozen=True, slots=True)
class Spent:
    """What the spans of one name have of the critical path: `share` of the trace, from 0 to 1, and `ms`.

    `span_id` is the one with the most of it. The name is empty for time in which no span was open.
    """

    name: str
    statement: str
    place: str
    share: float
    ms: float
    spans: int
    span_id: str


def spent(found: Waterfall) -> list[Spent]:
    """The MOST contributors to the trace's time, the greatest first."""
    groups: dict[str, list[Bar]] = defaultdict(list)
    for bar in found.bars:
        if bar.critical_ms:
            groups[bar.name].append(bar)
    sums = sorted(((sum(bar.critical_ms for bar in bars), bars) for bars in groups.values()), key=lambda some: -some[0])
    whole_ms = found.duration_ms or 1.0
    told = _told(found.trace_id, [_greatest(bars).span_id for _ms, bars in sums[:MOST]])
    parts = [_spent(bars, ms, ms / whole_ms, told.get(_greatest(bars).span_id, {})) for ms, bars in sums[:MOST]]
    gap_ms = found.duration_ms - found.critical_ms
    parts.append(Spent("", "", "", gap_ms / whole_ms, gap_ms, 0, ""))
    return [part for part in sorted(parts, key=lambda part: -part.ms) if part.share >= LEAST_SHARE][:MOST]


def _greatest(bars: list[Bar]) -> Bar:
    return max(bars, key=lambda bar: bar.critical_ms)


def _told(trace_id: str, span_ids: list[str]) -> dict[str, dict[str, Any]]:
    return dict(Span.objects.filter(trace_id=trace_id, span_id__in=span_ids).values_list("span_id", "attributes"))


def _spent(bars: list[Bar], ms: float, share: float, told: dict[str, Any]) -> Spent:
    bar = _greatest(bars)
    asked = statement(told)
    return Spent(
        name=bar.name,
        statement=f"{asked[:LONGEST]}…" if len(asked) > LONGEST else asked,
        place=place(told),
        share=min(1.0, share),
        ms=ms,
        spans=len(bars),
        span_id=bar.span_id,
    )
