"""Figures are kept by the minute, ten minutes, hour and day; a window is read from the largest that fit into it.

Each delta is added to one rollup of each resolution, so that a window's figures are the same whichever tiles cover it.
"""

from dataclasses import dataclass

MINUTE, TEN_MINUTES, HOUR, DAY = 60, 600, 3600, 86_400

# Resolution in seconds: how long its rollups are kept, in seconds. Each resolution divides the next.
KEPT = {MINUTE: 7 * DAY, TEN_MINUTES: 30 * DAY, HOUR: 180 * DAY, DAY: 3 * 365 * DAY}
RESOLUTIONS = tuple(sorted(KEPT, reverse=True))


@dataclass(frozen=True)
class Tile:
    """The rollups of one resolution that begin from `first` and before `end` (seconds since the epoch)."""

    resolution: int
    first: int
    end: int


def begin(since: float, now: float) -> int:
    """Where a window from `since` can begin: at the start of the finest bucket that is still kept for that moment."""
    kept = [resolution for resolution, age in KEPT.items() if now - since <= age]
    resolution = min(kept, default=DAY)
    return int(since) // resolution * resolution


def tiles(first: int, end: int, resolutions: tuple[int, ...] = RESOLUTIONS) -> list[Tile]:
    """Cover the time from `first` to `end`, both at the start of a minute, without a gap and without an overlap."""
    if first >= end:
        return []
    resolution, *smaller = resolutions
    if not smaller:
        return [Tile(resolution, first, end)]
    inner_first, inner_end = -(-first // resolution) * resolution, end // resolution * resolution
    if inner_first >= inner_end:
        return tiles(first, end, tuple(smaller))
    return [
        *tiles(first, inner_first, tuple(smaller)),
        Tile(resolution, inner_first, inner_end),
        *tiles(inner_end, end, tuple(smaller)),
    ]
