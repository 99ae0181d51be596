"""Durations over time as points, on an axis of tenfold steps upwards: a slow minute and a slow kind both show.

Points that open a trace are placed by percentages, so that they stay round however wide the page is. There are so many
that each costs the page some 200 bytes; all others together are one path, which the page stretches.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from monitoring.models import FAILED
from monitoring.panel import axes, formatting
from monitoring.panel.traces import Found

LEAST_MS, MOST_MS = 0.001, 1e10  # beyond, points stand at the edge
NARROWEST = 1.0  # seconds from left to right
OPENING = 60  # points that open their trace
WIDTH, HEIGHT = 1000, 160  # of the box of the path


@dataclass(frozen=True)
class Point:
    """A span at its place, in per cent from the left and from the top; `failed` ones are crosses."""

    x: str
    y: str
    failed: bool
    of: Found


@dataclass(frozen=True)
class Scatter:
    """`since` and `until` (seconds since the epoch) at the left and the right, `least` and `most` (ms) below and above.

    `points` open their traces, `others` is the path of the rest. `numbers` are those of the axis from the top down,
    `grid` the places of their lines in per cent. `count`, `slowest`, `fastest` (ms) and `failed` say in words what is
    drawn.
    """

    points: list[Point]
    others: str
    since: float
    until: float
    least: float
    most: float
    numbers: list[str]
    grid: list[str]
    ticks: list[tuple[str, axes.Tick]]
    count: int
    failed: int
    fastest: float
    slowest: float


def scatter(
    found: Sequence[Found], listed: int, since: float | None = None, until: float | None = None
) -> Scatter | None:
    """The points of what was found, the newest on top, on an axis that begins and ends as told; None without any.

    Those of the first `listed`, which the page lists, open their traces, and so do failed and slow ones.
    """
    if not found:
        return None
    moments = [row.at.timestamp() for row in found]
    left, right = _wide(min(moments) if since is None else since, max(moments) if until is None else until)
    lowest = floor(log10(min(_drawable(row.duration_ms) for row in found)))
    highest = max(ceil(log10(max(_drawable(row.duration_ms) for row in found))), lowest + 1)
    powers = range(highest, lowest - 1, -1)

    def place(row: Found) -> tuple[float, float]:
        x = (row.at.timestamp() - left) / (right - left)
        y = (highest - log10(_drawable(row.duration_ms))) / (highest - lowest)
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def point(row: Found) -> Point:
        x, y = place(row)
        return Point(_percent(x), _percent(y), row.status in FAILED, row)

    opening, others = _parted(found, listed)
    return Scatter(
        points=[point(row) for row in reversed(opening)],
        others=_path(map(place, others)),
        since=left,
        until=right,
        least=10.0**lowest,
        most=10.0**highest,
        numbers=[formatting.duration(10.0**power) for power in powers],
        grid=[_percent((highest - power) / (highest - lowest)) for power in powers],
        ticks=[(_percent(tick.place), tick) for tick in axes.moments(left, right) if 0.02 < tick.place < 0.98],
        count=len(found),
        failed=sum(row.status in FAILED for row in found),
        fastest=min(row.duration_ms for row in found),
        slowest=max(row.duration_ms for row in found),
    )


def _parted(found: Sequence[Found], listed: int) -> tuple[list[Found], list[Found]]:
    """Those that open their traces, and the others: of those not listed the failed, then the slowest, open theirs."""
    rest = sorted(found[listed:], key=lambda row: (row.status not in FAILED, -row.duration_ms))
    most = max(0, OPENING - listed)
    return [*found[:listed], *rest[:most]], rest[most:]


def _path(places: Iterable[tuple[float, float]]) -> str:
    """Dots: strokes of next to no length, whose ends are round."""
    return "".join(f"M{x * WIDTH:.0f} {y * HEIGHT:.0f}h.01" for x, y in places)


def _drawable(ms: float) -> float:
    """A logarithm knows no zero."""
    return min(max(ms, LEAST_MS), MOST_MS)


def _wide(since: float, until: float) -> tuple[float, float]:
    """The ends of the axis of time, which has some width even where everything happened at once."""
    lacking = max(0.0, NARROWEST - (until - since)) / 2
    return since - lacking, until + lacking


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"
