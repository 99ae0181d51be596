"""When was how much slow: time from left to right, durations upwards, and the darker a cell the more were measured."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, sqrt
from urllib.parse import urlencode

from django.urls import reverse

from monitoring.panel import axes
from monitoring.panel.histograms import counted, edges, place_of
from monitoring.store.histogram import Histogram
from monitoring.store.times import moment

MOST_ROWS, MOST_COLUMNS = 16, 60
WIDTH, ROW = 1000.0, 14  # of the box that the page stretches, and of a row in it and on the page
PALEST = 0.12


@dataclass(frozen=True)
class Cell:
    """What was measured from `at` on, in one column, and took longer than `least` and at most `most` milliseconds."""

    x: str
    y: int
    opacity: str
    over: bool
    at: datetime
    least: float
    most: float
    count: int
    link: str

    @property
    def utc(self) -> str:
        """When it begins, which panel.js says again in the viewer's own zone."""
        return f"{self.at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class HeatMap:
    """Cells in a box of WIDTH times `height`; the numbers of the axis by their place from the top in pixels.

    `busiest` is the cell of which there was most.
    """

    height: int
    wide: str
    cells: list[Cell]
    numbers: list[tuple[int, float]]
    ticks: list[tuple[str, axes.Tick]]
    marks: list[tuple[str, str]]
    limit_y: str | None
    busiest: Cell


@dataclass(frozen=True)
class Frame:
    """What a heat map is drawn of: a name's steps of `step` seconds from `first` to `end` (epoch seconds)."""

    name: str
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
    bounds = edges(min(one.least for one in steps.values()), max(one.most for one in steps.values()), MOST_ROWS)
    rows = len(bounds) - 1
    columns = ceil((frame.end - frame.first) / frame.column)
    cells = _cells(_counts(steps, frame, bounds), frame, bounds, WIDTH / columns)
    limit = place_of(frame.threshold, bounds)
    length = columns * frame.column
    return HeatMap(
        height=rows * ROW,
        wide=f"{WIDTH / columns:.2f}",
        cells=cells,
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


def _cells(counts: Counter[tuple[int, int]], frame: Frame, bounds: Sequence[float], wide: float) -> list[Cell]:
    most, rows = max(counts.values()), len(bounds) - 1
    return [
        Cell(
            x=f"{column * wide:.2f}",
            y=(rows - 1 - row) * ROW,
            opacity=f"{PALEST + (1 - PALEST) * sqrt(count / most):.2f}",
            over=bounds[row] >= frame.threshold,
            at=moment(begin := frame.first + column * frame.column),
            least=bounds[row],
            most=bounds[row + 1],
            count=count,
            link=traces_link(frame.name, begin, begin + frame.column, bounds[row], bounds[row + 1]),
        )
        for (column, row), count in sorted(counts.items())
    ]


def traces_link(name: str, since: int, until: int, least: float, most: float) -> str:
    """The traces of a name in a time (epoch seconds) and a range of durations (ms)."""
    query = {"name": name, "since": since, "until": until, "least": f"{least:g}", "most": f"{most:g}"}
    return f"{reverse('panel:traces')}?{urlencode(query)}"
