"""A mergeable log-linear histogram of durations in milliseconds: exact counts, percentiles within 1.1 %.

The grid has 32 cells an octave (base 2^(1/32): OpenTelemetry's exponential scale 5, Prometheus' native schema 5), from
1 microsecond to 37 hours, so a value is at most (base - 1) / (base + 1) = 1.083 % away from the one reported for it.
The bounds that /metrics publishes are added to the grid, which makes every published bucket an exact sum.
Cells are stored by their index: changing the grid would change what is stored, so it is a constant.
"""

import struct
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from itertools import accumulate, compress
from math import fsum
from sys import byteorder
from typing import Self

CELLS_AN_OCTAVE = 32
LOWEST_OCTAVE, HIGHEST_OCTAVE = -10, 27

# OpenTelemetry's default boundaries for durations in milliseconds.
DEFAULT_BOUNDS = (5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)
# Four an octave from 1 ms to over 2 h, so that Prometheus' linear interpolation stays within a few per cent.
PUBLISHED_BOUNDS = tuple(sorted({*map(float, DEFAULT_BOUNDS), *(2 ** (step / 4) for step in range(4 * 23))}))
GRID = tuple(
    sorted(
        {
            *(2 ** (i / CELLS_AN_OCTAVE) for i in range(LOWEST_OCTAVE * 32, HIGHEST_OCTAVE * 32 + 1)),
            *PUBLISHED_BOUNDS,
        }
    )
)

CELL_BYTES = 10  # of a packed cell: two for its index, eight for its count

Row = tuple[int, int, float, float, float, bytes]  # count, errors, total, least, most, packed cells


def cell_of(value: float) -> int:
    """The index of the cell (GRID[i - 1], GRID[i]] that holds `value`; the last one holds what is above the grid."""
    return bisect_left(GRID, value)


_cells_of = partial(bisect_left, GRID)  # the same without a call in Python, for many values at once


class Histogram:
    """Counts of durations by cell, with exact count, errors, total, least and most."""

    __slots__ = ("cells", "count", "errors", "least", "most", "total")

    def __init__(self) -> None:
        self.count = 0
        self.errors = 0
        self.total = 0.0
        self.least = float("inf")
        self.most = 0.0
        self.cells: dict[int, int] = {}

    def add(self, value: float, *, ok: bool = True) -> None:
        cell = cell_of(value)
        self.cells[cell] = self.cells.get(cell, 0) + 1
        self.count += 1
        self.errors += not ok
        self.total += value
        self.least = min(self.least, value)
        self.most = max(self.most, value)

    def add_all(self, values: Sequence[float], *, errors: int = 0) -> None:
        """Add many values at once, `errors` of which belong to what failed."""
        for cell, count in Counter(map(_cells_of, values)).items():
            self.cells[cell] = self.cells.get(cell, 0) + count
        self.count += len(values)
        self.errors += errors
        self.total += sum(values)
        self.least = min(self.least, *values)
        self.most = max(self.most, *values)

    def merge(self, other: Self) -> None:
        """Add another histogram's counts; the order of merging never matters."""
        for cell, count in other.cells.items():
            self.cells[cell] = self.cells.get(cell, 0) + count
        self.count += other.count
        self.errors += other.errors
        self.total += other.total
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)

    @classmethod
    def merged(cls, parts: Iterable[Self]) -> Self:
        whole = cls()
        for part in parts:
            whole.merge(part)
        return whole

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0

    def quantile(self, q: float) -> float:
        """The duration that a share `q` (0 to 1) of the values do not exceed, within 1.1 %; 0.0 when there are none."""
        return self.quantiles(q)[0]

    def quantiles(self, *shares: float) -> list[float]:
        """The quantile of each share, in one pass."""
        if not self.cells:
            return [0.0] * len(shares)
        cells = sorted(self.cells)
        seen = list(accumulate(map(self.cells.__getitem__, cells)))
        found = (cells[bisect_left(seen, share * seen[-1])] for share in shares)
        return [min(max(self._middle(cell), self.least), self.most) for cell in found]

    def over(self, threshold: float) -> int:
        """How many values exceed `threshold`: exact at a bound of the grid, else counted from the cell above."""
        first = cell_of(threshold) + 1
        return sum(count for cell, count in self.cells.items() if cell >= first)

    def cumulative(self, bounds: tuple[float, ...]) -> list[int]:
        """How many values are at most each of the rising `bounds`, which must be bounds of the grid."""
        bucket_of = _buckets_by_cell(bounds)
        sums = [0] * (len(bounds) + 1)
        for cell, count in self.cells.items():
            sums[bucket_of[cell]] += count
        return list(accumulate(sums[:-1]))

    def _middle(self, cell: int) -> float:
        """The value whose relative distance to both ends of the cell is the same."""
        low = GRID[cell - 1] if cell else 0.0
        high = GRID[cell] if cell < len(GRID) else self.most
        return 2 * low * high / (low + high) if low + high else 0.0

    def pack(self) -> bytes:
        cells = sorted(self.cells)
        return struct.pack(f"<{len(cells)}H{len(cells)}Q", *cells, *(self.cells[cell] for cell in cells))

    def unpack(self, packed: bytes) -> None:
        size = len(packed) // CELL_BYTES
        numbers = struct.unpack(f"<{size}H{size}Q", packed)
        self.cells = dict(zip(numbers[:size], numbers[size:], strict=True))

    @classmethod
    def unpacked(cls, rows: Sequence[Row]) -> Self:
        """All the rows merged: what unpacking and merging them one by one gives, at a fifth of the cost."""
        counts, errors, totals, leasts, mosts, packs = zip(*rows, strict=True)
        whole = cls()
        whole.count, whole.errors, whole.total, whole.most = sum(counts), sum(errors), fsum(totals), max(mosts)
        whole.least = min((least for least, packed in zip(leasts, packs, strict=True) if packed), default=whole.least)
        if len(rows) == 1:
            whole.unpack(packs[0])
        else:
            whole.cells = _summed(packs)
        return whole


def _summed(packs: Sequence[bytes]) -> dict[int, int]:
    """The cells of many packed histograms, added up in a list of the whole grid: far quicker than in a dict."""
    ends = [len(packed) // CELL_BYTES * 2 for packed in packs]
    cells = b"".join([packed[:end] for packed, end in zip(packs, ends, strict=True)])
    counts = b"".join([packed[end:] for packed, end in zip(packs, ends, strict=True)])
    sums = [0] * (len(GRID) + 1)
    for cell, count in zip(_numbers("H", cells), _numbers("Q", counts), strict=True):
        sums[cell] += count
    return dict(compress(enumerate(sums), sums))


def _numbers(typecode: str, packed: bytes) -> Iterable[int]:
    """Packed numbers, which are little-endian; an array of them is gone through far quicker than struct's tuple."""
    numbers = array(typecode, packed)
    if byteorder == "big":
        numbers.byteswap()
    return numbers


@lru_cache(maxsize=8)
def _buckets_by_cell(bounds: tuple[float, ...]) -> list[int]:
    """For each cell the first of `bounds` that is not below it, by its index."""
    ends = [cell_of(bound) for bound in bounds]
    return [bisect_left(ends, cell) for cell in range(len(GRID) + 1)]
