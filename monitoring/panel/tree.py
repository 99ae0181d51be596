"""The spans of a trace as a tree, in the order in which they are shown: depth first, siblings by their start."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a span says of itself, without its attributes, events and links."""

    span_id: str
    parent_id: str
    name: str
    kind: str
    service: str
    role: str
    status: str
    message: str
    at: datetime
    duration_ms: float

    @property
    def ended(self) -> datetime:
        return self.at + self.duration_ms * MILLISECOND


@dataclass(slots=True)
class Node:
    """A span in its tree; `begin` and `end` in milliseconds since the trace began, `parent` -1 for none.

    A node's place in the list is its number; its descendants are those from the next one up to `last`.
    """

    span: Recorded
    begin: float
    end: float
    parent: int
    depth: int
    last: int
    children: list[int] = field(default_factory=list)


def tree(spans: Sequence[Recorded]) -> list[Node]:
    """All of the spans, which come by their start, once each.

    A span whose parent is unknown, or would be its own ancestor, begins a tree of its own.
    """
    began = min(span.at for span in spans)
    nodes: list[Node] = []
    for span, parent, depth in _placed(spans):
        begin = (span.at - began) / MILLISECOND
        number = len(nodes)
        nodes.append(Node(span, begin, begin + max(0.0, span.duration_ms), parent, depth, number))
        if parent >= 0:
            nodes[parent].children.append(number)
    for node in reversed(nodes):
        if node.parent >= 0:
            nodes[node.parent].last = max(nodes[node.parent].last, node.last)
    return nodes


def _placed(spans: Sequence[Recorded]) -> Iterator[tuple[Recorded, int, int]]:
    """Each span with its parent's number and its depth."""
    children, known = defaultdict(list), {span.span_id for span in spans}
    for span in spans:
        children[span.parent_id if span.parent_id in known else ""].append(span)
    seen = set[str]()
    for start in ("", *(span.span_id for span in spans)):  # they only matter when parents go round in a circle
        todo = [(span, -1, 0) for span in reversed(children[start]) if span.span_id not in seen]
        while todo:
            span, parent, depth = todo.pop()
            if span.span_id in seen:
                continue
            number = len(seen)
            seen.add(span.span_id)
            yield span, parent, depth
            todo += [(child, number, depth + 1) for child in reversed(children[span.span_id])]


def ancestors(nodes: Sequence[Node], number: int) -> Iterator[int]:
    """The numbers of a node's ancestors, the nearest first."""
    while (number := nodes[number].parent) >= 0:
        yield number


def own_time(nodes: Sequence[Node], node: Node) -> float:
    """The milliseconds of a node during which none of its children was open."""
    covered, until = 0.0, node.begin
    for child in (nodes[number] for number in node.children):
        since, till = max(child.begin, until), min(child.end, node.end)
        if till > since:
            covered, until = covered + till - since, till
    return max(0.0, node.end - node.begin - covered)
