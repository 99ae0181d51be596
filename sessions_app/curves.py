"""A call's quality over its time, as a session's page draws it: a curve each for round trip, loss and bitrate.

Drawn as steps, since each sample tells of the seconds before it: where nothing was told there is no line. Paths are in
a box of WIDTH times HEIGHT, which the page stretches; what is written stands beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil, floor, log10
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sessions_app.ageing import MINUTE, merged, thinned
from sessions_app.models import QualitySample, Role
from sessions_app.quality import LIMITS, faults

WIDTH, HEIGHT = 1000, 100
GAP_S = 5  # between two samples that follow upon each other
MOST_POINTS, MOST_ROWS = 300, 20  # of a role, in a curve and in the table


@dataclass(frozen=True)
class Sample:
    """What a participant's page told of `span_s` seconds, which ended `after_s` after the join."""

    at: datetime
    after_s: int
    span_s: int
    attempt: str
    role: str
    role_label: str
    round_trip_ms: float | None
    jitter_ms: float | None
    loss_ratio: float | None
    freezes: int | None
    received_kbps: float | None
    sent_kbps: float | None
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    role: str
    role_label: str
    path: str
    least: float
    most: float


@dataclass(frozen=True)
class Curve:
    """`top` is the value at the upper edge; beyond `limit`, at `limit_y` from 0 (top) to HEIGHT, a call is poor."""

    title: str
    unit: str
    top: float
    limit: float | None
    limit_y: float | None
    lines: list[Line]


@dataclass(frozen=True)
class Drawing:
    """The curves, from `from_s` to `to_s` after the join, and the same as a table of not too many rows."""

    from_s: int
    to_s: int
    curves: list[Curve]
    rows: list[Sample]


def seen(sample: QualitySample, joined_at: datetime) -> Sample:
    return Sample(
        at=sample.at,
        after_s=round((sample.at - joined_at) / timedelta(seconds=1)),
        span_s=sample.span_s,
        attempt=sample.attempt,
        role=sample.role,
        role_label=str(Role(sample.role).label),
        round_trip_ms=sample.round_trip_ms,
        jitter_ms=sample.jitter_ms,
        loss_ratio=sample.loss_ratio,
        freezes=sample.freezes,
        received_kbps=sample.received_kbps,
        sent_kbps=sample.sent_kbps,
        faults=faults(sample),
    )


class Drawn(NamedTuple):
    """What a curve shows; its upper edge is at least `least_top`, so that nothing trivial looks like much."""

    title: Promise | str
    unit: str
    value: Callable[[Sample], float | None]
    limit: float | None
    least_top: float


DRAWN = (
    Drawn(_("Round-trip time"), "ms", lambda sample: sample.round_trip_ms, LIMITS["delay"][1], 10),
    Drawn(_("Packets lost"), "share", lambda sample: sample.loss_ratio, LIMITS["loss"][1], 0.01),
    Drawn(_("Received"), "kbit/s", lambda sample: sample.received_kbps, None, 10),
)


def drawing(session_id: UUID, joined_at: datetime) -> Drawing | None:
    """None when nothing was told."""
    stored = list(QualitySample.objects.filter(session=session_id).order_by("at", "pk"))
    if not stored:
        return None
    points = [seen(sample, joined_at) for sample in _fewer(stored, MOST_POINTS)]
    begin = max(0, min(sample.after_s - sample.span_s for sample in points))
    end = max(sample.after_s for sample in points)
    return Drawing(
        from_s=begin,
        to_s=end,
        curves=[_curve(points, begin, end, drawn) for drawn in DRAWN],
        rows=sorted(
            (seen(sample, joined_at) for sample in _fewer(stored, MOST_ROWS)), key=lambda row: (row.after_s, row.role)
        ),
    )


def _fewer(stored: Sequence[QualitySample], most: int) -> Iterator[QualitySample]:
    """Where a role has more samples than that, those of each so many minutes become one, as they do with age.

    What is poor stays apart there, unless it comes and goes so often that there would still be too many.
    """
    for role in Role:
        own = [sample for sample in stored if sample.role == role]
        if len(own) <= most:
            yield from own
        else:
            length = ceil((own[-1].at - own[0].at) / most / MINUTE) * MINUTE
            runs = thinned(own, length)
            if len(runs) > 2 * most:
                runs = thinned(own, length, poor_apart=False)
            yield from map(merged, runs)


def _curve(points: Sequence[Sample], begin: int, end: int, drawn: Drawn) -> Curve:
    known = [(sample, number) for sample in points if (number := drawn.value(sample)) is not None]
    top = _edge(max([number for _sample, number in known] + [drawn.least_top]))
    scale = WIDTH / max(end - begin, 1)
    lines = []
    for role, group in groupby(known, lambda each: each[0].role):
        own = list(group)
        steps = [((s.after_s - s.span_s - begin) * scale, (s.after_s - begin) * scale, n / top) for s, n in own]
        numbers = [number for _sample, number in own]
        path = _steps(steps, GAP_S * scale)
        lines.append(Line(role, own[0][0].role_label, path, min(numbers), max(numbers)))
    limit = drawn.limit
    limit_y = round(HEIGHT * (1 - limit / top), 1) if limit is not None and limit < top else None
    return Curve(str(drawn.title), drawn.unit, top, limit, limit_y, lines)


def _steps(steps: Sequence[tuple[float, float, float]], gap: float) -> str:
    """A path over (from, to, share of the height); it breaks where more than `gap` is missing."""
    path, reached = [], None
    for begin, end, share in steps:
        y = f"{HEIGHT * (1 - share):.1f}"
        follows = reached is not None and begin - reached <= gap
        path.append(f"V{y}H{end:.1f}" if follows else f"M{max(begin, 0):.1f} {y}H{end:.1f}")
        reached = end
    return "".join(path)


def _edge(number: float) -> float:
    """The next of 1, 2, 5, 10, 20... that is not below `number`, which is above 0."""
    power = 10.0 ** floor(log10(number))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= number)
