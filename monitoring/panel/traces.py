"""Lists what was traced, newest first, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.models import FAILED, Measure, Series, Span
from monitoring.panel.attributes import place
from monitoring.panel.trace_filters import Filters
from monitoring.store.times import moment

PAGE = 50
DRAWN = 500  # points of the scatter, the page's rows among them
SEARCHED = 50_000  # spans looked at for one page; the next page searches on from there
WAIT = "job.wait"
# SQLite uses an index of some rows where the query has its condition literally.
WENT_WRONG = RawSQL("monitoring_span.status IN ('error', 'interrupted')", [], output_field=BooleanField())


@dataclass(frozen=True)
class TraceRow:
    """A span (or a measure) and the trace it belongs to, of `spans` spans with `failed` of them failed.

    `place` is the line of code that it stands for, such as desk/jobs.py:12, where that is known.
    """

    trace_id: str
    span_id: str
    name: str
    role: str
    at: datetime
    duration_ms: float
    status: str
    spans: int
    failed: int
    place: str


@dataclass(frozen=True)
class Found:
    """A span (or a measure) that fits; `status` is ok, error or interrupted."""

    pk: int
    trace_id: str
    span_id: str
    name: str
    role: str
    at: datetime
    duration_ms: float
    status: str


@dataclass(frozen=True)
class TracePage:
    """Up to PAGE rows, and up to DRAWN that fit for the scatter, these first; all newest first.

    `older` is the cursor of the next page, empty when there is none. Where the search ended before the oldest span, at
    `searched`, that page goes on from there.
    """

    rows: list[TraceRow]
    found: list[Found]
    older: str
    searched: datetime | None


def traces(filters: Filters) -> TracePage:
    """Without filters the beginnings of traces; with a name every span or measure so called, newest first."""
    found, horizon = _spans(filters)
    if not found and (found := _measures(filters)):
        horizon = None
    page, more = found[:PAGE], len(found) > PAGE
    older = _cursor(page[-1].at, page[-1].pk) if more else _cursor(horizon, 0) if horizon else ""
    return TracePage(list(_rows(page)), found[:DRAWN], older, None if more else horizon)


def _spans(filters: Filters) -> tuple[list[Found], datetime | None]:
    """The spans that fit among the newest SEARCHED, and where the search ended, if before the oldest one."""
    spans = _among(filters)
    horizon = spans.order_by("-started_at").values_list("started_at", flat=True)[SEARCHED : SEARCHED + 1].first()
    if horizon:
        spans = spans.filter(started_at__gte=horizon)
    columns = ("pk", "trace_id", "span_id", "name", "role", "started_at", "duration_ms", "status")
    rows = _fitting(spans, filters).order_by("-started_at", "-pk").values_list(*columns)[: DRAWN + 1]
    return [_found(*row) for row in rows], horizon


def _found(*row: Any) -> Found:
    found = Found(*row)
    return found if found.status in FAILED else replace(found, status="ok")


def _among(filters: Filters) -> QuerySet[Span]:
    """The spans to search through: what an index finds by itself."""
    spans = Span.objects.all()
    if filters.since is not None:
        spans = spans.filter(started_at__gte=moment(filters.since))
    if filters.until is not None:
        spans = spans.filter(started_at__lte=moment(filters.until))
    if filters.before:
        at, before = _position(filters.before)
        spans = spans.filter(started_at__lte=at).exclude(started_at=at, pk__gte=before)
    how, name = filters.pattern
    if name and how == "exact":
        return spans.filter(name=name)
    return spans.filter(status=filters.status).filter(WENT_WRONG) if filters.status in FAILED else spans


def _fitting(spans: QuerySet[Span], filters: Filters) -> QuerySet[Span]:
    how, name = filters.pattern
    if name:
        spans = spans.filter(**{f"name__{how}": name})
    if filters.roots:
        spans = spans.filter(local_root=True)
        spans = spans if filters.name else spans.exclude(name=WAIT)
    if filters.status:
        spans = spans.filter(status__in=("unset", "ok") if filters.status == "ok" else (filters.status,))
    if filters.least:
        spans = spans.filter(duration_ms__gte=filters.least)
    if filters.most is not None:
        spans = spans.filter(duration_ms__lte=filters.most)
    if filters.attribute:
        spans = spans.alias(wanted=KeyTransform(filters.attribute[0], "attributes")).filter(wanted__in=filters.values)
    if filters.roots and not (filters.name or filters.narrowed):
        parent = Span.objects.filter(trace_id=OuterRef("trace_id"), span_id=OuterRef("parent_id"))
        spans = spans.filter(~Exists(parent))
    return spans


def _measures(filters: Filters) -> list[Found]:
    """The measures of a name that no span has, read for each set of labels by itself, as the index has them."""
    if not filters.name or filters.attribute or filters.roots or filters.status == "interrupted":
        return []
    series = Series.objects.filter(kind="histogram", name=filters.name).values_list("pk", flat=True)[:PAGE]
    found = [row for pk in series for row in _measures_of(pk, filters, max(PAGE, DRAWN // len(series)))]
    return sorted(found, key=lambda row: (row.at, row.pk), reverse=True)[: DRAWN + 1]


def _measures_of(series: int, filters: Filters, most: int) -> Iterable[Found]:
    measures = Measure.objects.filter(series=series, duration_ms__gte=filters.least)
    if filters.most is not None:
        measures = measures.filter(duration_ms__lte=filters.most)
    if filters.since is not None:
        measures = measures.filter(at__gte=filters.since)
    if filters.until is not None:
        measures = measures.filter(at__lte=filters.until)
    if filters.before:
        last, before = _position(filters.before)
        measures = measures.filter(at__lte=last.timestamp()).exclude(at=last.timestamp(), pk__gte=before)
    if filters.status:
        measures = measures.filter(ok=filters.status == "ok")
    rows = measures.order_by("-at", "-pk").values_list("pk", "trace_id", "span_id", "at", "duration_ms", "ok")
    for pk, trace_id, span_id, at, ms, ok in rows[: most + 1]:
        yield Found(pk, trace_id, span_id, filters.name, "", moment(at), ms, "ok" if ok else "error")


def _rows(found: list[Found]) -> Iterable[TraceRow]:
    traces = {row.trace_id for row in found}
    counted = Span.objects.filter(trace_id__in=traces).values("trace_id")
    sizes = {
        row["trace_id"]: (row["spans"], row["failed"])
        for row in counted.annotate(spans=Count("pk"), failed=Count("pk", filter=Q(status__in=FAILED)))
    }
    told = Span.objects.filter(trace_id__in=traces, span_id__in=[row.span_id for row in found])
    places = {span_id: place(attributes) for span_id, attributes in told.values_list("span_id", "attributes")}
    for row in found:
        spans, failed = sizes.get(row.trace_id, (0, 0))
        yield TraceRow(
            trace_id=row.trace_id,
            span_id=row.span_id,
            name=row.name,
            role=row.role,
            at=row.at,
            duration_ms=row.duration_ms,
            status=row.status,
            spans=spans,
            failed=failed,
            place=places.get(row.span_id, ""),
        )


def _cursor(at: datetime, pk: int) -> str:
    return f"{round(at.timestamp() * 1e6)}-{pk}"


def _position(cursor: str) -> tuple[datetime, int]:
    microseconds, _dash, pk = cursor.partition("-")
    if not (microseconds.isdecimal() and pk.isdecimal() and len(microseconds) < 18 and len(pk) < 19):
        raise BadParameter("before", cursor, _("a place in the list, taken from its link to older ones"))
    return moment(int(microseconds) / 1e6), int(pk)
