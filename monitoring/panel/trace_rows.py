"""The rows of a trace's page: which spans are shown, a page of them at a time, and the links that change it.

All of it is in the address: `q` and `only` filter, `closed` lists spans whose descendants are hidden, `span` asks for
the page with that span, `after` for the rows from that place in the tree on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.panel.trace_drawing import drawn
from monitoring.panel.trace_reading import span_of
from monitoring.panel.trace_search import CRITICAL, FAILED, fitting
from monitoring.panel.trace_usual import Usual, usual
from monitoring.panel.waterfall import Bar, Waterfall

PAGE = 200
BEFORE = 20  # rows shown before the span that was asked for
MOST_CLOSED = 200


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; `after` is the number of the first row, from 0."""

    q: str = ""
    only: str = ""
    closed: tuple[str, ...] = ()
    span: str = ""
    after: int = 0

    @property
    def address(self) -> str:
        """The same as `?name=value`."""
        told = {
            "q": self.q,
            "only": self.only,
            "closed": ",".join(self.closed),
            "span": self.span,
            "after": self.after or "",
        }
        return "?" + urlencode({name: value for name, value in told.items() if value}, safe=",")

    def beginning(self, after: int = 0) -> "Wanted":
        """The same without the span asked for, from the row `after` on."""
        return replace(self, span="", after=after)


@dataclass(frozen=True)
class Row:
    """One span on the page: `dim` when it only leads to one that fits, `lane` its process' number from 1.

    `new_lane` says that its parent is of another process; `twist` is the address that closes or opens it, if it has
    any children; `slow` how many times its name's 95th percentile it took, 0.0 when that is usual or not known.
    """

    bar: Bar
    drawn: SafeString
    dim: bool
    lane: int
    new_lane: bool
    open: bool
    twist: str
    slow: float

    @property
    def hidden(self) -> int:
        """How many descendants it has, which are not shown while it is closed."""
        return self.bar.last - self.bar.number


@dataclass(frozen=True)
class Rows:
    """A page of rows; `earlier` and `later` are the addresses of those around it, empty where there are none.

    `fit` counts the spans that fit the filters; `later_critical` is the next span beyond the page that is on the
    critical path; `missing` says that the span asked for is not in the trace.
    """

    rows: list[Row]
    fit: int
    earlier: str
    later: str
    later_critical: str
    missing: bool


def wanted(asked: Mapping[str, str]) -> Wanted:
    """Read an address. Raises BadParameter."""
    only, after, closed = asked.get("only", ""), asked.get("after", "") or "0", asked.get("closed", "")
    if only not in ("", FAILED, CRITICAL):
        raise BadParameter("only", only, _("failed or critical"))
    if not after.isdecimal() or len(after) > 6:
        raise BadParameter("after", after, _("a place in the trace, taken from its link to more rows"))
    span = asked.get("span", "")
    return Wanted(
        q=asked.get("q", "").strip()[:200],
        only=only,
        closed=tuple(span_of(part, "closed") for part in closed.split(",")[:MOST_CLOSED] if part),
        span=span_of(span) if span else "",
        after=int(after),
    )


def rows(found: Waterfall, asked: Wanted) -> Rows:
    target = found.find(asked.span) if asked.span else None
    fits = fitting(found, asked.q, asked.only)
    shown = _shown(found, asked, fits, target)
    first = _first(shown, asked, target)
    page, later = shown[first : first + PAGE], shown[first + PAGE :]
    expected = usual({found.bars[number].name for number in page})
    return Rows(
        rows=[_row(found, asked, found.bars[number], fits, expected) for number in page],
        fit=len(fits),
        earlier=asked.beginning(shown[max(0, first - PAGE)]).address if first else "",
        later=asked.beginning(later[0]).address if later else "",
        later_critical=next((found.bars[number].span_id for number in later if found.bars[number].critical), ""),
        missing=bool(asked.span) and target is None,
    )


def _shown(found: Waterfall, asked: Wanted, fits: set[int], target: Bar | None) -> list[int]:
    """The numbers of the rows of all pages: what fits with what leads there, without what is closed."""
    sought = {target.number} if target else set()
    led = _with_ancestors(found, sought) - sought
    kept = _with_ancestors(found, fits | sought)
    closed = set(asked.closed)
    shown, number = [], 0
    while number < len(found.bars):
        bar = found.bars[number]
        if number in kept:
            shown.append(number)
        number = bar.last + 1 if bar.span_id in closed and number not in led else number + 1
    return shown


def _with_ancestors(found: Waterfall, numbers: set[int]) -> set[int]:
    kept: set[int] = set()
    for number in numbers:
        while number >= 0 and number not in kept:
            kept.add(number)
            number = found.bars[number].parent
    return kept


def _first(shown: list[int], asked: Wanted, target: Bar | None) -> int:
    """The index among the rows of the page's first one."""
    if target:
        place = shown.index(target.number)
        return 0 if place < PAGE else place - BEFORE
    return next((index for index, number in enumerate(shown) if number >= asked.after), max(0, len(shown) - PAGE))


def _row(found: Waterfall, asked: Wanted, bar: Bar, fits: set[int], expected: Mapping[str, Usual]) -> Row:
    parent = found.bars[bar.parent] if bar.parent >= 0 else None
    known = expected.get(bar.name)
    return Row(
        bar=bar,
        drawn=drawn(bar, max(found.duration_ms, 0.001)),
        dim=bar.number not in fits,
        lane=found.lane(bar),
        new_lane=parent is None or found.lane(parent) != found.lane(bar),
        open=bar.span_id not in asked.closed,
        twist=_twist(asked, bar) if bar.last > bar.number else "",
        slow=known.times(bar.duration_ms) if known else 0.0,
    )


def _twist(asked: Wanted, bar: Bar) -> str:
    if bar.span_id in asked.closed:
        closed = tuple(part for part in asked.closed if part != bar.span_id)
    else:
        closed = (*asked.closed, bar.span_id)
    return f"{replace(asked, closed=closed, span=bar.span_id, after=0).address}#span-{bar.span_id}"
