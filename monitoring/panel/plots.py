"""Lines and columns over time, drawn as SVG with presentation attributes, and the same numbers as a table.

Shapes lie in a box of WIDTH times HEIGHT, which the page stretches to its own width; what is written stands beside it
or is placed by percentages, so that it stays readable on a narrow screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Literal

from django.utils.translation import gettext as _

from monitoring.panel import axes, formatting
from monitoring.store.times import moment

WIDTH, HEIGHT = 1000.0, 160.0
DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 4", "14 4")  # one line after the other
FILLINGS = ("0.85", "0.25", "0.55", "0.1")  # of columns, one after the other
GAP = 0.2  # of a step, between its columns and the next ones
LEAST_COLUMN = 1.5  # the height of what is little, but not nothing
MOST_ROWS = 60
MOST_NAMED = 4  # marks in the legend
FAR_LIMIT = 2  # times the greatest number: a limit farther up would flatten everything

Point = float | None


@dataclass(frozen=True)
class Curve:
    """One number for each step of a plot, None where nothing is known; `css` is the class that colours it."""

    label: str
    points: Sequence[Point]
    css: str


@dataclass(frozen=True)
class Mark:
    """What happened at a moment (seconds since the epoch), such as a deployment."""

    at: float
    label: str


@dataclass(frozen=True)
class Plot:
    """Curves of equally many steps from `since` to `until` (seconds since the epoch).

    `unit` is "ms", "s" or "share" (0 to 1), else it is written behind the number; "" counts. What exceeds `limit` is
    too much.
    """

    title: str
    unit: str
    since: float
    until: float
    curves: Sequence[Curve]
    marks: Sequence[Mark] = ()
    limit: float | None = None
    kind: Literal["lines", "columns"] = "lines"

    @property
    def steps(self) -> int:
        return max((len(curve.points) for curve in self.curves), default=0)

    @property
    def known(self) -> list[float]:
        return [point for curve in self.curves for point in curve.points if point is not None]


@dataclass(frozen=True)
class Shape:
    """How one curve is drawn; `dash` and `filling` are SVG's, `said` is its least and greatest number in words.

    `dots` are the points without a neighbour.
    """

    label: str
    css: str
    path: str
    dots: str
    dash: str
    filling: str
    said: str


@dataclass(frozen=True)
class Placed:
    """A mark and its place on the axis of time, from 0 to WIDTH."""

    x: str
    label: str
    at: datetime


@dataclass(frozen=True)
class Hint:
    """What the pointer finds over one step: its left edge, and its numbers in words."""

    x: str
    at: datetime
    text: str

    @property
    def utc(self) -> str:
        """What panel.js says again in the viewer's own zone."""
        return f"{self.at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Drawing:
    """All that a page needs to draw a plot: `numbers` from the top down, `limit_y` from 0 (top) to HEIGHT.

    `named` are the newest marks; a row of the table stands for `each` steps.
    """

    numbers: list[str]
    grid: str
    ticks: list[tuple[str, axes.Tick]]
    shapes: list[Shape]
    marks: list[Placed]
    named: list[Placed]
    limit_y: str | None
    said: str
    wide: str
    hints: list[Hint]
    each: int
    rows: list[tuple[datetime, list[str]]]


def drawn(plot: Plot) -> Drawing | None:
    """None where nothing is known."""
    if not plot.known:
        return None
    numbers = axes.numbers(_top(plot), plot.unit)
    top = numbers[-1]
    shapes = [_shape(plot, index, top) for index in range(len(plot.curves))]
    marks = [Placed(_x(plot, mark.at), mark.label, moment(mark.at)) for mark in _within(plot)]
    each = ceil(plot.steps / MOST_ROWS)
    return Drawing(
        numbers=[formatting.brief(number, plot.unit) for number in reversed(numbers)],
        grid="".join(f"M0 {_y(number, top)}H{WIDTH:g}" for number in numbers),
        ticks=[
            (f"{tick.place:.2%}", tick) for tick in axes.moments(plot.since, plot.until) if 0.02 < tick.place < 0.98
        ],
        shapes=shapes,
        marks=marks,
        named=marks[-MOST_NAMED:],
        limit_y=_y(plot.limit, top) if plot.limit is not None and plot.limit <= top else None,
        said="; ".join(f"{shape.label}: {shape.said}" for shape in shapes),
        wide=f"{WIDTH / plot.steps:.2f}",
        hints=[_hint(plot, step) for step in range(plot.steps) if any(_numbers_of(plot, step))],
        each=each,
        rows=_rows(plot, each),
    )


def _top(plot: Plot) -> float:
    """The greatest number that has to be drawn: also the limit, unless it is far above all."""
    most = max(plot.known)
    limit = plot.limit or 0.0
    return max(most, limit) if limit <= FAR_LIMIT * most or not most else most


def _shape(plot: Plot, index: int, top: float) -> Shape:
    curve = plot.curves[index]
    known = [point for point in curve.points if point is not None]
    said = _("nothing")
    if known:
        least, most = (formatting.value(number, plot.unit) for number in (min(known), max(known)))
        said = _("from %(least)s to %(most)s") % {"least": least, "most": most}
    path, dots = line(curve.points, plot.steps, top) if plot.kind == "lines" else (columns(plot, index, top), "")
    return Shape(curve.label, curve.css, path, dots, DASHES[index % len(DASHES)], FILLINGS[index % len(FILLINGS)], said)


def line(points: Sequence[Point], steps: int, top: float) -> tuple[str, str]:
    """The path through the middle of each step, which breaks where nothing is known, and that of the lonely points."""
    width = WIDTH / max(1, steps)
    path: list[str] = []
    dots: list[str] = []
    previous: Point = None
    for index, point in enumerate(points):
        if point is not None:
            place = f"{(index + 0.5) * width:.1f} {_y(point, top)}"
            if previous is None and (index + 1 == len(points) or points[index + 1] is None):
                dots.append(f"M{place}h0.01")
            else:
                path.append(f"{'M' if previous is None else 'L'}{place}")
        previous = point
    return "".join(path), "".join(dots)


def columns(plot: Plot, index: int, top: float) -> str:
    """The columns of one curve, which stands beside the others in each step."""
    step = WIDTH / plot.steps
    width = step * (1 - GAP) / len(plot.curves)
    path: list[str] = []
    for number, point in enumerate(plot.curves[index].points):
        if point:
            left = number * step + step * GAP / 2 + index * width
            y = min(float(_y(point, top)), HEIGHT - LEAST_COLUMN)
            path.append(f"M{left:.2f} {HEIGHT:g}V{y:.1f}h{width:.2f}V{HEIGHT:g}z")
    return "".join(path)


def _y(number: float, top: float) -> str:
    return f"{HEIGHT * (1 - min(max(number / top, 0.0), 1.0)):.1f}"


def _x(plot: Plot, at: float) -> str:
    return f"{(at - plot.since) / (plot.until - plot.since) * WIDTH:.1f}"


def _within(plot: Plot) -> list[Mark]:
    return sorted((mark for mark in plot.marks if plot.since <= mark.at <= plot.until), key=lambda mark: mark.at)


def _numbers_of(plot: Plot, step: int) -> list[bool]:
    return [step < len(curve.points) and curve.points[step] is not None for curve in plot.curves]


def _hint(plot: Plot, step: int) -> Hint:
    told = (f"{curve.label} {formatting.value(_at(curve, step), plot.unit)}" for curve in plot.curves)
    return Hint(f"{step * WIDTH / plot.steps:.2f}", _begin(plot, step), ", ".join(told))


def _rows(plot: Plot, each: int) -> list[tuple[datetime, list[str]]]:
    """The numbers of each so many steps: their sum where columns count, else the greatest of them."""
    rows = []
    for first in range(0, plot.steps, each):
        parts = [[point for point in curve.points[first : first + each] if point is not None] for curve in plot.curves]
        if any(parts):
            numbers = [(sum(part) if plot.kind == "columns" else max(part)) if part else None for part in parts]
            rows.append((_begin(plot, first), [formatting.value(number, plot.unit) for number in numbers]))
    return rows


def _begin(plot: Plot, step: int) -> datetime:
    return moment(plot.since + step * (plot.until - plot.since) / plot.steps)


def _at(curve: Curve, step: int) -> Point:
    return curve.points[step] if step < len(curve.points) else None
