"""Lists what was traced, newest first, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.errors import BadParameter
from monitoring.models import Measure, Series, Span
from monitoring.store.times import moment

PAGE = 50
SEARCHED = 20_000  # spans looked at for one page; the next page searches on from there
STATUSES = (gettext_noop("ok"), gettext_noop("error"), gettext_noop("interrupted"))
WAIT = "job.wait"
FAILED = ("error", "interrupted")


@dataclass(frozen=True)
class Filters:
    """What to list: `least` is a duration in milliseconds; `before` the cursor of the page before."""

    name: str = ""
    status: str = ""
    least: float = 0.0
    before: str = ""

    def __post_init__(self) -> None:
        if self.status not in ("", *STATUSES):
            raise BadParameter("status", self.status, _("ok, error or interrupted"))


@dataclass(frozen=True)
class TraceRow:
    """A span (or a measure) and the trace it belongs to, of `spans` spans with `failed` of them failed."""

    trace_id: str
    span_id: str
    name: str
    role: str
    at: datetime
    duration_ms: float
    status: str
    spans: int
    failed: int


@dataclass(frozen=True)
class TracePage:
    """Up to PAGE rows; `older` is the cursor of the next page, empty when there is none."""

    rows: list[TraceRow]
    older: str


@dataclass(frozen=True)
class _Found:
    pk: int
    trace_id: str
    span_id: str
    name: str
    role: str
    at: datetime
    duration_ms: float
    status: str


def traces(filters: Filters) -> TracePage:
    """Without filters the beginnings of traces; with a name every span or measure so called, newest first."""
    found, horizon = _spans(filters)
    if not found and filters.name and (found := _measures(filters)):
        horizon = None
    found, more = found[:PAGE], len(found) > PAGE
    older = _cursor(found[-1].at, found[-1].pk) if more else _cursor(horizon, 0) if horizon else ""
    return TracePage(list(_rows(found)), older)


def _spans(filters: Filters) -> tuple[list[_Found], datetime | None]:
    """The spans that fit among the newest SEARCHED, and where the search ended, if before the oldest one."""
    spans = Span.objects.all()
    if filters.before:
        at, before = _position(filters.before)
        spans = spans.filter(started_at__lte=at).exclude(started_at=at, pk__gte=before)
    horizon = spans.order_by("-started_at").values_list("started_at", flat=True)[SEARCHED : SEARCHED + 1].first()
    if horizon:
        spans = spans.filter(started_at__gte=horizon)
    spans = spans.filter(name=filters.name) if filters.name else spans.filter(local_root=True).exclude(name=WAIT)
    if filters.status:
        spans = spans.filter(status__in=("unset", "ok") if filters.status == "ok" else (filters.status,))
    if filters.least:
        spans = spans.filter(duration_ms__gte=filters.least)
    if not (filters.name or filters.status or filters.least):
        parent = Span.objects.filter(trace_id=OuterRef("trace_id"), span_id=OuterRef("parent_id"))
        spans = spans.filter(~Exists(parent))
    columns = ("pk", "trace_id", "span_id", "name", "role", "started_at", "duration_ms", "status")
    rows = spans.order_by("-started_at", "-pk").values_list(*columns)[: PAGE + 1]
    return [_Found(*row) for row in rows], horizon


def _measures(filters: Filters) -> list[_Found]:
    """The measures of a name that no span has, read for each set of labels by itself, as the index has them."""
    series = Series.objects.filter(kind="histogram", name=filters.name).values_list("pk", flat=True)[:PAGE]
    found = [row for pk in series for row in _measures_of(pk, filters)]
    return sorted(found, key=lambda row: (row.at, row.pk), reverse=True)[: PAGE + 1]


def _measures_of(series: int, filters: Filters) -> Iterable[_Found]:
    measures = Measure.objects.filter(series=series, duration_ms__gte=filters.least)
    if filters.before:
        last, before = _position(filters.before)
        measures = measures.filter(at__lte=last.timestamp()).exclude(at=last.timestamp(), pk__gte=before)
    if filters.status:
        measures = measures.filter(ok=filters.status == "ok")
    rows = measures.order_by("-at", "-pk").values_list("pk", "trace_id", "span_id", "at", "duration_ms", "ok")
    for pk, trace_id, span_id, at, ms, ok in rows[: PAGE + 1]:
        yield _Found(pk, trace_id, span_id, filters.name, "", moment(at), ms, "ok" if ok else "error")


def _rows(found: Iterable[_Found]) -> Iterable[TraceRow]:
    traces = {row.trace_id for row in found}
    counted = Span.objects.filter(trace_id__in=traces).values("trace_id")
    sizes = {
        row["trace_id"]: (row["spans"], row["failed"])
        for row in counted.annotate(spans=Count("pk"), failed=Count("pk", filter=Q(status__in=FAILED)))
    }
    for row in found:
        spans, failed = sizes.get(row.trace_id, (0, 0))
        yield TraceRow(
            trace_id=row.trace_id,
            span_id=row.span_id,
            name=row.name,
            role=row.role,
            at=row.at,
            duration_ms=row.duration_ms,
            status=row.status if row.status in FAILED else "ok",
            spans=spans,
            failed=failed,
        )


def _cursor(at: datetime, pk: int) -> str:
    return f"{round(at.timestamp() * 1e6)}-{pk}"


def _position(cursor: str) -> tuple[datetime, int]:
    microseconds, _dash, pk = cursor.partition("-")
    if not (microseconds.isdecimal() and pk.isdecimal() and len(microseconds) < 18 and len(pk) < 19):
        raise BadParameter("before", cursor, _("a place in the list, taken from its link to older ones"))
    return moment(int(microseconds) / 1e6), int(pk)
