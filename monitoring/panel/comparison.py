"""Has a percentile moved? Says so only where the intervals that must hold both true values lie apart.

The interval of a percentile is distribution-free: it runs between two order statistics, whatever the values' shape
(W. J. Conover, Practical Nonparametric Statistics, 3rd edition, 1999, section 3.2).
"""

from dataclasses import dataclass
from math import ceil, floor, inf, sqrt
from typing import NamedTuple, Self

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


class Estimate(NamedTuple):
    """A histogram's p95 (ms), and the values between which the true one lies with 95 % confidence."""

    p95: float
    low: float
    high: float


@dataclass(frozen=True)
class Before:
    """What a period is held to: how many the one before it measured, and their p95; None when there were none."""

    count: int = 0
    p95: Estimate | None = None

    @classmethod
    def of(cls, histogram: Histogram) -> Self:
        return cls(histogram.count, estimate(histogram) if histogram.count else None)


def change(now: Histogram, before: Before) -> Change:
    """What became of the 95th percentile from one period to the next."""
    old = before.p95
    if not now.count or old is None:
        return Change(before.count, None, None, NO_TELLING)
    new = estimate(now)
    enough = min(now.count, before.count) >= ENOUGH
    ratio = new.p95 / old.p95 if old.p95 else None
    return Change(before.count, old.p95, ratio, verdict(new, old) if enough else NO_TELLING)


def verdict(now: Estimate, before: Estimate) -> str:
    """SLOWER or FASTER where the intervals do not overlap, else NO_TELLING."""
    if now.low > before.high:
        return SLOWER
    return FASTER if now.high < before.low else NO_TELLING


def estimate(histogram: Histogram) -> Estimate:
    """The p95 of at least one value, and its interval widened by the histogram's own error.

    Without an upper end (infinity) below some 75 values: the greatest of them may be below the true p95.
    """
    count = histogram.count
    low, high = ranks(count)
    # Half a place less, lest rounding reach into the next cell.
    p95, least, most = histogram.quantiles(Q, (low - 0.5) / count, (min(high, count) - 0.5) / count)
    return Estimate(p95, least / (1 + ERROR), most / (1 - ERROR) if high <= count else inf)


def ranks(count: int) -> tuple[int, int]:
    """The places of the two values that enclose the true p95: 1 is that of the least, and the upper may be beyond.

    n q -+ z sqrt(n q (1 - q)), rounded outwards.
    """
    middle, spread = count * Q, Z * sqrt(count * Q * (1 - Q))
    return max(1, floor(middle - spread)), ceil(middle + spread)
