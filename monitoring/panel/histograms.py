"""How durations are spread: bars over ranges with round ends, each so many times as long as the one before."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

from monitoring.store.histogram import Histogram

# The digits with which the ends of ranges begin, from the finest on.
LADDERS = (
    (1, 1.12, 1.25, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.6, 4, 4.5, 5, 5.6, 6.3, 7, 8, 9),
    (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8),
    (1, 1.6, 2.5, 4, 6.3),
    (1, 2, 5),
    (1,),
)
MOST_BARS = 30
QUICKEST = 0.01  # of all
WIDTH, HEIGHT = 1000.0, 140.0
MOST_NUMBERS = 7  # below the bars


@dataclass(frozen=True)
class Range:
    """How many took longer than `least` and at most `most` milliseconds, and what share of all that is (0 to 1).

    `before` is the share it was in the window compared with, None when nothing was measured there.
    """

    least: float
    most: float
    count: int
    share: float
    before: float | None


@dataclass(frozen=True)
class Bars:
    """The drawing of ranges: paths in a box of WIDTH times HEIGHT; numbers and the threshold by their place on it."""

    now: str
    over: str
    before: str
    numbers: list[tuple[str, float]]
    threshold: str | None


def bounds_of(histograms: Sequence[Histogram], at_most: int) -> list[float]:
    """Rising round numbers (ms) that enclose all that was measured in about `at_most` ranges.

    What was quicker than 99 of 100 shares the first one, which then begins at 0: a single one of next to no time would
    press all others into a few ranges.
    """
    least = min(histogram.quantile(QUICKEST) for histogram in histograms)
    found = edges(least, max(histogram.most for histogram in histograms), at_most)
    return [0.0, *found[1:]] if min(histogram.least for histogram in histograms) <= found[0] else found


def edges(least: float, most: float, at_most: int) -> list[float]:
    """Rising round numbers (ms) that enclose durations from `least` to `most` in `at_most` ranges, if that can be."""
    found: list[float] = []
    for ladder in LADDERS:
        found = _rungs(ladder, max(least, 0.001), max(most, least, 0.001))
        if len(found) - 1 <= at_most:
            break
    return found


def _rungs(ladder: Sequence[float], least: float, most: float) -> list[float]:
    """From the last rung below `least`, so that it lies in the first range, to the first that is not below `most`."""
    exponents = range(floor(log10(least)) - 1, floor(log10(most)) + 2)
    rungs = [float(f"{digit}e{exponent}") for exponent in exponents for digit in ladder]
    return rungs[max(0, bisect_left(rungs, least) - 1) : bisect_left(rungs, most) + 1]


def counted(histogram: Histogram, bounds: Sequence[float]) -> list[int]:
    """How many lie between each two of the bounds, which enclose all; at their ends within the histogram's 1.1 %."""
    upper = histogram.cumulative(tuple(bounds[1:]))
    upper[-1:] = [histogram.count]  # also what only rounding takes beyond the last bound
    return [upper[0], *(more - less for less, more in pairwise(upper))]


def ranges(now: Histogram, before: Histogram) -> list[Range]:
    """The same ranges of both, from the least duration of either to the greatest."""
    known = [histogram for histogram in (now, before) if histogram.count]
    if not known:
        return []
    bounds = bounds_of(known, MOST_BARS)
    before_all = before.count or 1
    return [
        Range(low, high, count, count / (now.count or 1), earlier / before_all if before.count else None)
        for (low, high), count, earlier in zip(
            pairwise(bounds), counted(now, bounds), counted(before, bounds), strict=True
        )
    ]


def bars(found: Sequence[Range], threshold: float) -> Bars:
    """Bars as high as their shares, those above the threshold by themselves, and the earlier shares as one outline."""
    top = max(max(one.share, one.before or 0.0) for one in found) or 1.0
    width = WIDTH / len(found)
    bounds = [found[0].least, *(one.most for one in found)]

    def y(share: float) -> float:
        return HEIGHT * (1 - share / top)

    def drawn(*, over: bool) -> str:
        return "".join(
            f"M{place * width + width * 0.08:.2f} {HEIGHT:g}V{min(y(one.share), HEIGHT - 1):.1f}"
            f"h{width * 0.84:.2f}V{HEIGHT:g}z"
            for place, one in enumerate(found)
            if one.count and (one.least >= threshold) == over
        )

    outline = "".join(f"V{y(one.before or 0):.1f}H{(place + 1) * width:.2f}" for place, one in enumerate(found))
    each = -(-len(bounds) // MOST_NUMBERS)
    return Bars(
        now=drawn(over=False),
        over=drawn(over=True),
        before=f"M0 {HEIGHT:g}{outline}V{HEIGHT:g}" if found[0].before is not None else "",
        numbers=[(f"{place / len(found):.2%}", bound) for place, bound in enumerate(bounds) if place % each == 0],
        threshold=_percent(place_of(threshold, bounds)),
    )


def place_of(ms: float, bounds: Sequence[float]) -> float | None:
    """Where a duration lies among the bounds, from 0 to 1, by its logarithm within its range; None beyond them."""
    if not bounds[0] <= ms <= bounds[-1]:
        return None
    index = max(1, bisect_left(bounds, ms))
    low, high = bounds[index - 1], bounds[index]
    within = log10(ms / low) / log10(high / low) if low else ms / high  # a logarithm knows no zero
    return (index - 1 + within) / (len(bounds) - 1)


def _percent(place: float | None) -> str | None:
    return None if place is None else f"{place:.2%}"
