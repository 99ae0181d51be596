"""When was it how slow: time from left to right, durations upwards, and the darker a cell the more were measured."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, sqrt
from urllib.parse import urlencode

from django.urls import reverse

from monitoring.panel import axes
from monitoring.panel.histograms import bounds_of, counted, place_of
from monitoring.store.histogram import Histogram
from monitoring.store.times import moment

MOST_ROWS, MOST_COLUMNS = 16, 60
WIDTH, ROW = 1000.0, 14  # of the box that the page stretches, and of a row in it and on the page
PALEST, SHADES = 0.15, 6


@dataclass(frozen=True)
class Cell:
    """In `column`, from `at` on, `count` took longer than `least` and at most `most` milliseconds: `row` from below.

    `over` says that all of them took longer than the threshold.
    """

    column: int
    row: int
    count: int
    at: datetime
    least: float
    most: float
    over: bool


@dataclass(frozen=True)
class Shade:
    """All the cells that are drawn alike: one path, in strokes as high as a row."""

    over: bool
    opacity: str
    path: str


@dataclass(frozen=True)
class HeatMap:
    """Shades in a box of WIDTH times `height`; the numbers of the axis by their place from the top in pixels.

    `busiest` is the cell of which there was most. `bounds` (ms) are the ends of the rows from below, `counted` has
    each cell as column:row:count: with these heat.js says what is under the pointer, and opens its traces.
    """

    height: int
    columns: int
    column_s: int
    first: int
    shades: list[Shade]
    bounds: list[float]
    counted: str
    numbers: list[tuple[int, float]]
    ticks: list[tuple[str, axes.Tick]]
    marks: list[tuple[str, str]]
    limit_y: str | None
    busiest: Cell


@dataclass(frozen=True)
class Frame:
    """What a heat map is drawn of: a name's steps of `step` seconds from `first` to `end` (epoch seconds)."""

    first: int
    end: int
    step: int
    threshold: float
    marks: Sequence[tuple[float, str]]

    @property
    def column(self) -> int:
        """The seconds of a column: one step, or several where there are many."""
        return self.step * ceil((self.end - self.first) / self.step / MOST_COLUMNS)


def heat_map(steps: Mapping[int, Histogram], frame: Frame) -> HeatMap | None:
    """None where nothing was measured."""
    if not steps:
        return None
    bounds = bounds_of([Histogram.merged(steps.values())], MOST_ROWS)
    rows = len(bounds) - 1
    columns = ceil((frame.end - frame.first) / frame.column)
    cells = _cells(_counts(steps, frame, bounds), frame, bounds)
    limit = place_of(frame.threshold, bounds)
    length = columns * frame.column
    return HeatMap(
        height=rows * ROW,
        columns=columns,
        column_s=frame.column,
        first=frame.first,
        shades=_shades(cells, WIDTH / columns, rows),
        bounds=bounds,
        counted=" ".join(f"{cell.column}:{cell.row}:{cell.count}" for cell in cells),
        numbers=[((rows - index) * ROW, bound) for index, bound in enumerate(bounds) if index % ceil(rows / 8) == 0],
        ticks=[
            (f"{tick.place:.2%}", tick)
            for tick in axes.moments(frame.first, frame.first + length)
            if tick.place <= 0.97
        ],
        marks=[
            (f"{(at - frame.first) / length * WIDTH:.1f}", label)
            for at, label in frame.marks
            if 0 <= at - frame.first <= length
        ],
        limit_y=None if limit is None else f"{rows * ROW * (1 - limit):.1f}",
        busiest=max(cells, key=lambda cell: cell.count),
    )


def _counts(steps: Mapping[int, Histogram], frame: Frame, bounds: Sequence[float]) -> Counter[tuple[int, int]]:
    """How many there were, by column and row."""
    counts: Counter[tuple[int, int]] = Counter()
    for begin, histogram in steps.items():
        column = (begin - frame.first) // frame.column
        for row, count in enumerate(counted(histogram, bounds)):
            if count:
                counts[column, row] += count
    return counts


def _cells(counts: Counter[tuple[int, int]], frame: Frame, bounds: Sequence[float]) -> list[Cell]:
    return [
        Cell(
            column=column,
            row=row,
            count=count,
            at=moment(frame.first + column * frame.column),
            least=bounds[row],
            most=bounds[row + 1],
            over=bounds[row] >= frame.threshold,
        )
        for (column, row), count in sorted(counts.items())
    ]


def _shades(cells: Sequence[Cell], wide: float, rows: int) -> list[Shade]:
    """The more in a cell the darker, by the root of its share of the most: else all but the busiest would be pale."""
    most = max(cell.count for cell in cells)
    alike: dict[tuple[bool, int], list[Cell]] = defaultdict(list)
    for cell in cells:
        alike[cell.over, ceil(sqrt(cell.count / most) * SHADES)].append(cell)
    return [
        Shade(
            over=over,
            opacity=f"{PALEST + (1 - PALEST) * (shade - 1) / (SHADES - 1):.2f}",
            path="".join(f"M{c.column * wide:.1f} {(rows - c.row - 0.5) * ROW:g}h{wide:.1f}" for c in some),
        )
        for (over, shade), some in sorted(alike.items())
    ]


def traces_link(name: str, since: int, until: int, least: float, most: float) -> str:
    """The traces of a name in a time (epoch seconds) and a range of durations (ms)."""
    query = {"name": name, "since": since, "until": until, "least": f"{least:g}", "most": f"{most:g}"}
    return f"{reverse('panel:traces')}?{urlencode(query)}"
