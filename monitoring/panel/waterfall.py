"""One trace as a waterfall: its spans in the order of the tree, with their place on the common axis of time."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from monitoring.errors import NotFound
from monitoring.models import FAILED
from monitoring.panel.critical_path import Part, critical_path
from monitoring.panel.trace_reading import MOST_SPANS, recorded
from monitoring.panel.tree import MILLISECOND, Node, own_time, tree

WAITS = (".wait", ".waiting")  # how the names of spans end in which nobody works


@dataclass(frozen=True, slots=True)
class Bar:
    """One span. `offset` and `width` are shares (0 to 1) of the trace's time; `self_ms` leaves its children out.

    `number` is its place in the order of the tree, `last` that of the last of its descendants, `parent` that of its
    parent (-1 for none). `critical` says that it is on the critical path, with `critical_ms` of its own there, which
    is the share `critical_share` of the trace; `parts` are these stretches in milliseconds since the trace began.
    """

    number: int
    last: int
    parent: int
    depth: int
    span_id: str
    parent_id: str
    name: str
    kind: str
    service: str
    role: str
    status: str
    message: str
    at: datetime
    offset: float
    width: float
    offset_ms: float
    duration_ms: float
    self_ms: float
    critical: bool
    critical_ms: float
    critical_share: float
    parts: list[Part]

    @property
    def failed(self) -> bool:
        return self.status in FAILED

    @property
    def waits(self) -> bool:
        return self.name.endswith(WAITS)


@dataclass(frozen=True, slots=True)
class Lane:
    """A process' spans in the trace: how many, and how long they worked, waits left out (self time, ms)."""

    service: str
    role: str
    spans: int
    busy_ms: float


@dataclass(frozen=True)
class Waterfall:
    """`cut` says that the trace has more than the MOST_SPANS spans read.

    `critical_ms` is what the critical path has of its time, less what is nobody's.
    """

    trace_id: str
    name: str
    began: datetime
    duration_ms: float
    failed: int
    cut: bool
    critical_ms: float
    lanes: list[Lane]
    bars: list[Bar]

    def find(self, span_id: str) -> Bar | None:
        return next((bar for bar in self.bars if bar.span_id == span_id), None)

    @property
    def names(self) -> dict[str, str]:
        """The names of the spans by their ids."""
        return {bar.span_id: bar.name for bar in self.bars}

    def lane(self, bar: Bar) -> int:
        """The number of the bar's lane, from 1."""
        return next(n for n, lane in enumerate(self.lanes, 1) if (lane.service, lane.role) == (bar.service, bar.role))

    def above(self, bar: Bar) -> list[Bar]:
        """The bar's ancestors, from the outermost to its parent."""
        found: list[Bar] = []
        while bar.parent >= 0:
            bar = self.bars[bar.parent]
            found.append(bar)
        return found[::-1]


def waterfall(trace_id: str) -> Waterfall:
    """Raises NotFound for a trace that was never stored, or is not any more."""
    spans, cut = recorded(trace_id, MOST_SPANS)
    if not spans:
        raise NotFound(_("There is no trace %(trace)s.") % {"trace": trace_id})
    began, ended = spans[0].at, max(span.ended for span in spans)
    duration_ms = (ended - began) / MILLISECOND
    nodes = tree(spans)
    path = critical_path(nodes)
    whole_ms = max(duration_ms, 0.001)
    bars = [_bar(number, nodes, path.get(number), whole_ms) for number in range(len(nodes))]
    return Waterfall(
        trace_id=trace_id,
        name=bars[0].name,
        began=began,
        duration_ms=duration_ms,
        failed=sum(bar.failed for bar in bars),
        cut=cut,
        critical_ms=sum(bar.critical_ms for bar in bars),
        lanes=_lanes(bars),
        bars=bars,
    )


def _bar(number: int, nodes: list[Node], parts: list[Part] | None, whole_ms: float) -> Bar:
    node, span = nodes[number], nodes[number].span
    critical_ms = sum(until - since for since, until in parts or ())
    return Bar(
        number=number,
        last=node.last,
        parent=node.parent,
        depth=node.depth,
        span_id=span.span_id,
        parent_id=span.parent_id,
        name=span.name,
        kind=span.kind,
        service=span.service,
        role=span.role,
        status="ok" if span.status == "unset" else span.status,
        message=span.message,
        at=span.at,
        offset=node.begin / whole_ms,
        width=max(0.0, span.duration_ms) / whole_ms,
        offset_ms=node.begin,
        duration_ms=max(0.0, span.duration_ms),
        self_ms=own_time(nodes, node),
        critical=parts is not None,
        critical_ms=critical_ms,
        critical_share=min(1.0, critical_ms / whole_ms),
        parts=parts or [],
    )


def _lanes(bars: list[Bar]) -> list[Lane]:
    """The processes of a trace in the order in which they come into it."""
    found: dict[tuple[str, str], list[Bar]] = {}
    for bar in sorted(bars, key=lambda bar: bar.offset_ms):
        found.setdefault((bar.service, bar.role), []).append(bar)
    return [
        Lane(service, role, len(some), sum(bar.self_ms for bar in some if not bar.waits))
        for (service, role), some in found.items()
    ]
