"""Durations over time as points, on an axis of tenfold steps upwards: a slow minute and a slow kind both show.

Places are percentages, so that the points stay round and what is written stays readable however wide the page is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from monitoring.models import FAILED
from monitoring.panel import axes, formatting
from monitoring.panel.traces import Found

LEAST_MS, MOST_MS = 0.001, 1e10  # beyond, points stand at the edge
NARROWEST = 1.0  # seconds from left to right


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

    `numbers` are those of the axis from the top down, `grid` the places of their lines in per cent. `slowest`,
    `fastest` (ms) and `failed` say in words what is drawn.
    """

    points: list[Point]
    since: float
    until: float
    least: float
    most: float
    numbers: list[str]
    grid: list[str]
    ticks: list[tuple[str, axes.Tick]]
    failed: int
    fastest: float
    slowest: float


def scatter(found: Sequence[Found], since: float | None = None, until: float | None = None) -> Scatter | None:
    """The points of what was found, the newest on top, on an axis that begins and ends as told; None without any."""
    if not found:
        return None
    moments, durations = [row.at.timestamp() for row in found], [_drawable(row.duration_ms) for row in found]
    left, right = _wide(min(moments) if since is None else since, max(moments) if until is None else until)
    lowest, highest = floor(log10(min(durations))), ceil(log10(max(durations)))
    highest = max(highest, lowest + 1)
    powers = range(highest, lowest - 1, -1)
    points = [
        Point(
            x=_percent((at - left) / (right - left)),
            y=_percent((highest - log10(ms)) / (highest - lowest)),
            failed=row.status in FAILED,
            of=row,
        )
        for row, at, ms in zip(found, moments, durations, strict=True)
    ]
    return Scatter(
        points=points[::-1],
        since=left,
        until=right,
        least=10.0**lowest,
        most=10.0**highest,
        numbers=[formatting.duration(10.0**power) for power in powers],
        grid=[_percent((highest - power) / (highest - lowest)) for power in powers],
        ticks=[(_percent(tick.place), tick) for tick in axes.moments(left, right) if 0.02 < tick.place < 0.98],
        failed=sum(point.failed for point in points),
        fastest=min(row.duration_ms for row in found),
        slowest=max(row.duration_ms for row in found),
    )


def _drawable(ms: float) -> float:
    """A logarithm knows no zero."""
    return min(max(ms, LEAST_MS), MOST_MS)


def _wide(since: float, until: float) -> tuple[float, float]:
    """The ends of the axis of time, which has some width even where everything happened at once."""
    lacking = max(0.0, NARROWEST - (until - since)) / 2
    return since - lacking, until + lacking


def _percent(share: float) -> str:
    return f"{min(max(share, 0.0), 1.0) * 100:.2f}%"
