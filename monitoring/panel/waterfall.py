"""One trace as a waterfall: its spans in the order of the tree, with their place on the common axis of time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.errors import NotFound
from monitoring.models import JobRun, Measure, Series, Span
from monitoring.store.series import unpacked
from monitoring.store.times import moment

MOST_SPANS = 2_000
MOST_MEASURES = 200
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Bar:
    """One span. `offset` and `width` are shares (0 to 1) of the trace's time; `self_ms` leaves its children out."""

    span_id: str
    parent_id: str
    name: str
    kind: str
    role: str
    status: str
    message: str
    at: datetime
    depth: int
    offset: float
    width: float
    offset_ms: float
    duration_ms: float
    self_ms: float
    attributes: Mapping[str, Any]
    events: list[dict[str, Any]]
    links: list[str]


@dataclass(frozen=True)
class TraceMeasure:
    """A duration that was measured inside the trace."""

    name: str
    labels: Mapping[str, str]
    at: datetime
    duration_ms: float
    ok: bool
    span_id: str


@dataclass(frozen=True)
class Waterfall:
    """`cut` says that the trace has more than the MOST_SPANS spans shown."""

    trace_id: str
    name: str
    began: datetime
    duration_ms: float
    failed: int
    cut: bool
    bars: list[Bar]
    measures: list[TraceMeasure]


def waterfall(trace_id: str) -> Waterfall:
    """Raises NotFound for a trace that was never stored, or is not any more."""
    found = list(Span.objects.filter(trace_id=trace_id).order_by("started_at", "pk")[: MOST_SPANS + 1])
    spans, cut = found[:MOST_SPANS], len(found) > MOST_SPANS
    spans += _still_running(trace_id, {span.span_id for span in spans})
    if not spans:
        raise NotFound(_("There is no trace %(trace)s.") % {"trace": trace_id})
    spans.sort(key=lambda span: span.started_at)
    began, ended = spans[0].started_at, max(_end(span) for span in spans)
    bars = _bars(spans, began, max((ended - began) / MILLISECOND, 0.001))
    return Waterfall(
        trace_id=trace_id,
        name=bars[0].name,
        began=began,
        duration_ms=(ended - began) / MILLISECOND,
        failed=sum(bar.status in ("error", "interrupted") for bar in bars),
        cut=cut,
        bars=bars,
        measures=_measures(trace_id, began, ended),
    )


def _still_running(trace_id: str, ended: set[str]) -> list[Span]:
    """Spans of the trace's jobs that have not ended yet, which the store does not have."""
    runs = JobRun.objects.filter(status=JobRun.Status.RUNNING, trace_id=trace_id).exclude(span_id__in=ended)[:50]
    return [
        Span(
            trace_id=trace_id,
            span_id=run.span_id,
            parent_id=run.parent_id,
            name=f"job.{run.name}",
            kind="consumer",
            started_at=run.started_at,
            duration_ms=(now() - run.started_at) / MILLISECOND,
            status="running",
        )
        for run in runs
    ]


def _end(span: Span) -> datetime:
    return span.started_at + span.duration_ms * MILLISECOND


def _bars(spans: list[Span], began: datetime, whole_ms: float) -> list[Bar]:
    """Depth first; a span whose parent is unknown, or would be its own ancestor, begins a tree."""
    children, known = defaultdict(list), {span.span_id for span in spans}
    for span in spans:
        children[span.parent_id if span.parent_id in known else ""].append(span)
    bars, seen = [], set[str]()
    for start in ("", *known):  # the known ones only matter when parents go round in a circle
        todo = [(span, 0) for span in reversed(children[start]) if span.span_id not in seen]
        while todo:
            span, depth = todo.pop()
            if span.span_id in seen:
                continue
            seen.add(span.span_id)
            bars.append(_bar(span, depth, began, whole_ms, children[span.span_id]))
            todo += [(child, depth + 1) for child in reversed(children[span.span_id])]
    return bars


def _bar(span: Span, depth: int, began: datetime, whole_ms: float, children: Iterable[Span]) -> Bar:
    offset_ms = (span.started_at - began) / MILLISECOND
    return Bar(
        span_id=span.span_id,
        parent_id=span.parent_id,
        name=span.name,
        kind=span.kind,
        role=span.role,
        status="ok" if span.status == "unset" else span.status,
        message=span.status_message,
        at=span.started_at,
        depth=depth,
        offset=offset_ms / whole_ms,
        width=span.duration_ms / whole_ms,
        offset_ms=offset_ms,
        duration_ms=span.duration_ms,
        self_ms=_own_time(span, children),
        attributes=span.attributes,
        events=span.events,
        links=span.links,
    )


def _own_time(span: Span, children: Iterable[Span]) -> float:
    """The span's milliseconds during which none of its children, which come in order of their start, was open."""
    covered, until, end = 0.0, span.started_at, _end(span)
    for child in children:
        since, till = max(child.started_at, until), min(_end(child), end)
        if till > since:
            covered, until = covered + (till - since) / MILLISECOND, till
    return max(0.0, span.duration_ms - covered)


def _measures(trace_id: str, began: datetime, ended: datetime) -> list[TraceMeasure]:
    """What was measured in the trace, looked for in its time alone: the index has each series by time."""
    measured = Series.objects.filter(kind="histogram").values("pk")
    in_time = Measure.objects.filter(
        series__in=measured, at__gte=began.timestamp(), at__lte=ended.timestamp() + 1, trace_id=trace_id
    )
    return [
        TraceMeasure(row.series.name, unpacked(row.series.labels), moment(row.at), row.duration_ms, row.ok, row.span_id)
        for row in in_time.select_related("series").order_by("at")[:MOST_MEASURES]
    ]
