"""The critical path of a trace: the stretches of time that, had they been shorter, would have ended it sooner.

The usual definition, that of CRISP (Zhang and others, "CRISP: Critical Path Analysis of Large-Scale Microservice
Architectures", USENIX ATC 2022) and of Jaeger: from the end of the root walk back in time. The child that ended last
is where the time went; before it began, the one that ended last before that, and so on; what lies between them is the
span's own. A child that was still open when the chosen one began ran beside it and is not on the path.

Both cut off what outlives its parent. Here a job goes on long after the request that enqueued it, and the trace ends
with the job, so:

- A span reaches as far as the last of its descendants ends. The walk begins where the furthest one ends and enters a
  child at its reach; thus it goes from the job to its wait, to the enqueuing, and from there back through the request.
- A child that reaches beyond the present point is entered where it itself ended, if that is not beyond it: what it
  left running did not hold its parent up.
- Time in which the span to which the walk came back had ended already, or had not begun because clocks differ, is
  nobody's.
- Spans without a known parent are walked as the children of one root that takes no time.
"""

from collections.abc import Iterator, Sequence

from monitoring.panel.tree import Node

Part = tuple[float, float]  # from and to, in milliseconds since the trace began
NOBODY = -1


def critical_path(nodes: Sequence[Node]) -> dict[int, list[Part]]:
    """The numbers of the nodes on the path, each with its own parts of it by time; no two parts overlap.

    A node may have none: it is on the path because of its children.
    """
    reach = _reach(nodes)
    roots = [number for number, node in enumerate(nodes) if node.parent == NOBODY]
    point = max((reach[number] for number in roots), default=0.0)
    path: dict[int, list[Part]] = {}
    walked = [(NOBODY, _entries(nodes, reach, roots))]
    while walked:
        number, entries = walked[-1]
        entry = next(((at, child) for at, child in entries if at <= point and child not in path), None)
        if entry is None:
            walked.pop()
            if number != NOBODY:
                _own(path, number, nodes[number], 0.0, point)
                point = min(point, nodes[number].begin)
        else:
            at, child = entry
            if number != NOBODY:
                _own(path, number, nodes[number], at, point)
            point, path[child] = at, []
            walked.append((child, _entries(nodes, reach, nodes[child].children)))
    return {number: parts[::-1] for number, parts in path.items()}


def _reach(nodes: Sequence[Node]) -> list[float]:
    """Where the last of each node and its descendants ends."""
    reach = [node.end for node in nodes]
    for number in range(len(nodes) - 1, -1, -1):
        parent = nodes[number].parent
        if parent != NOBODY:
            reach[parent] = max(reach[parent], reach[number])
    return reach


def _entries(nodes: Sequence[Node], reach: list[float], children: Sequence[int]) -> Iterator[tuple[float, int]]:
    """Where the walk may enter the children, the latest first; of those at the same moment the longest."""
    entries = {(reach[child], child) for child in children} | {(nodes[child].end, child) for child in children}
    return iter(sorted(entries, key=lambda entry: (-entry[0], nodes[entry[1]].begin, entry[1])))


def _own(path: dict[int, list[Part]], number: int, node: Node, since: float, until: float) -> None:
    since, until = max(since, node.begin), min(until, node.end)
    if until > since:
        path[number].append((since, until))
