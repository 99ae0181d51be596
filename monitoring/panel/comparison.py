"""Has a percentile moved? Says so only where the intervals that must hold both true values lie apart.

The interval of a percentile is distribution-free: it runs between two order statistics, whatever the values' shape
(W. J. Conover, Practical Nonparametric Statistics, 3rd edition, 1999, section 3.2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, inf, sqrt

from django.utils.translation import gettext_noop

from monitoring.store.histogram import CELLS_AN_OCTAVE, Histogram

Q = 0.95
Z = 1.96  # a normal deviate lies within it, either side, 95 times of 100
ENOUGH = 50  # measures in each period, below which nothing is said
BASE = 2 ** (1 / CELLS_AN_OCTAVE)
ERROR = (BASE - 1) / (BASE + 1)  # of a value read from a histogram, relative to the true one

SLOWER, FASTER, NO_TELLING = gettext_noop("slower"), gettext_noop("faster"), gettext_noop("no telling")


@dataclass(frozen=True)
class Change:
    """Against the period before: its count and p95 (ms), how many times that p95 it is now, and what may be said.

    Where the period before measured nothing, `p95` and `ratio` are None.
    """

    count: int
    p95: float | None
    ratio: float | None
    verdict: str


def change(now: Histogram, before: Histogram) -> Change:
    """What became of the 95th percentile from one period to the next."""
    if not now.count or not before.count:
        return Change(before.count, None, None, NO_TELLING)
    was = before.quantile(Q)
    return Change(before.count, was, now.quantile(Q) / was if was else None, verdict(now, before))


def verdict(now: Histogram, before: Histogram) -> str:
    """SLOWER or FASTER where both periods have ENOUGH and their intervals of p95 do not overlap, else NO_TELLING."""
    if min(now.count, before.count) < ENOUGH:
        return NO_TELLING
    (now_low, now_high), (before_low, before_high) = interval(now), interval(before)
    if now_low > before_high:
        return SLOWER
    return FASTER if now_high < before_low else NO_TELLING


def interval(histogram: Histogram) -> tuple[float, float]:
    """The values (ms) between which the true p95 lies with 95 % confidence, widened by the histogram's own error.

    Without an upper end (infinity) below some 75 values: the greatest of them may be below the true p95.
    """
    low, high = ranks(histogram.count)
    least, most = at_ranks(histogram, (low, min(high, histogram.count)))
    return least / (1 + ERROR), most / (1 - ERROR) if high <= histogram.count else inf


def ranks(count: int) -> tuple[int, int]:
    """The places of the two values that enclose the true p95: 1 is that of the least, and the upper may be beyond.

    n q -+ z sqrt(n q (1 - q)), rounded outwards.
    """
    middle, spread = count * Q, Z * sqrt(count * Q * (1 - Q))
    return max(1, floor(middle - spread)), ceil(middle + spread)


def at_ranks(histogram: Histogram, places: Iterable[int]) -> list[float]:
    """The values at these places of the sorted ones; half a place less, lest rounding reach into the next cell."""
    return [histogram.quantile((place - 0.5) / histogram.count) for place in places]
