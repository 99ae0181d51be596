"""Figures are kept by the minute, ten minutes, hour and day; a window is read from the largest that fit into it.

Each delta is added to one rollup of each resolution, so that a window's figures are the same whichever tiles cover it.
"""

from dataclasses import dataclass

from django.conf import settings

MINUTE, TEN_MINUTES, HOUR, DAY = 60, 600, 3600, 86_400

RESOLUTIONS = (DAY, HOUR, TEN_MINUTES, MINUTE)  # in seconds; each divides the one before


@dataclass(frozen=True)
class Tile:
    """The rollups of one resolution that begin from `first` and before `end` (seconds since the epoch)."""

    resolution: int
    first: int
    end: int


def kept() -> dict[int, int]:
    """How long the rollups of each resolution are kept, both in seconds."""
    return {
        MINUTE: settings.TELEMETRY_KEEP_BY_MINUTE,
        TEN_MINUTES: settings.TELEMETRY_KEEP_BY_TEN_MINUTES,
        HOUR: settings.TELEMETRY_KEEP_BY_HOUR,
        DAY: settings.TELEMETRY_KEEP_BY_DAY,
    }


def begin(since: float, now: float) -> int:
    """Where a window from `since` can begin: at the start of the finest bucket that is still kept for that moment."""
    resolution = finest(since, now)
    return int(since) // resolution * resolution


def finest(since: float, now: float) -> int:
    """The finest resolution (s) that is still kept for a moment."""
    return min((resolution for resolution, age in kept().items() if now - since <= age), default=DAY)


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
