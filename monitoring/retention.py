"""Forgets what is too old or too much, kind by kind, as the settings TELEMETRY_KEEP_* and TELEMETRY_MOST_* say.

Lifetime totals stay for ever, and so do the deltas until the compaction has merged them. A trace that an exemplar
points to stays as long as the exemplar, however old it is and however many spans there are.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django_q.models import Task

from monitoring.alert_models import Alert, Delivery, Silence
from monitoring.models import Deploy, Exemplar, JobRun, Measure, Rollup, Span, Writer
from monitoring.store.tiers import DAY, HOUR, RESOLUTIONS, kept

ROUND = 5_000  # rows a transaction, so that no writer waits long
BEST = 3  # exemplars of a series and hour: the slowest, and the first that failed

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Kind:
    """What is kept under one rule: `doomed` says which rows must go at a moment, in pieces of about ROUND rows."""

    name: str
    doomed: Callable[[datetime], Iterator[Rows]]


def prune(now: datetime) -> Iterator[tuple[str, int]]:
    """Delete what must go: after each transaction, the kind and how many rows went.

    The caller may stop at any time; the rest goes the next time. After each transaction the database is left alone for
    as long as that one took, so that writers get half of the time.
    """
    for kind in KINDS:
        for rows in kind.doomed(now):
            began = time.monotonic()
            deleted, _by_model = rows.delete()
            yield kind.name, deleted
            time.sleep(time.monotonic() - began)


def doomed(now: datetime) -> dict[str, int]:
    """How many rows of each kind `prune` would delete."""
    return {kind.name: sum(rows.count() for rows in kind.doomed(now)) for kind in KINDS}


def told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "nothing"


def first_measure_since(at: float) -> int:
    """The id from which on measures are of `at` (seconds since the epoch) or later; 0 when there is no measure.

    Ids rise with time, to within how late a process wrote, and have an index that `at` has not.
    """
    ids = Measure.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ids.first(), ids.last()
    if first is None or last is None:
        return 0
    end = last + 1
    while first < end:
        middle = (first + end) // 2
        found, measured_at = Measure.objects.filter(pk__gte=middle).order_by("pk").values_list("pk", "at")[0]
        first, end = (found + 1, end) if measured_at < at else (first, middle)
    return first


def _old_or_too_many_measures(now: datetime) -> Iterator[Rows]:
    """Ranges of ids. A process whose clock was wrong wrote among the others: what is not old itself stays for now."""
    ids = Measure.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ids.first() or 0, ids.last() or 0
    too_many = last + 1 - settings.TELEMETRY_MOST_MEASURES  # as if no id were missing between the first and the last
    yield from _ranges(Measure.objects.all(), first, too_many)
    before = now.timestamp() - settings.TELEMETRY_KEEP_MEASURES
    yield from _ranges(Measure.objects.filter(at__lt=before), max(first, too_many), first_measure_since(before))


def _ranges(rows: QuerySet[Measure], first: int, end: int) -> Iterator[Rows]:
    for begin in range(first, end, ROUND):
        yield rows.filter(pk__gte=begin, pk__lt=min(begin + ROUND, end))


def _old_or_ordinary_exemplars(now: datetime) -> Iterator[Rows]:
    yield from _pieces(Exemplar.objects.filter(bucket__lt=_exemplars_since(now)))
    yield from _pieces(_ordinary_exemplars(now))


def _exemplars_since(now: datetime) -> float:
    return now.timestamp() - settings.TELEMETRY_KEEP_EXEMPLARS


def _ordinary_exemplars(now: datetime) -> QuerySet[Exemplar]:
    """Those older than a day that are not among the BEST slowest or the BEST first failed of their series and hour."""
    hour = F("bucket") - F("bucket") % HOUR
    nth_slowest = Window(RowNumber(), partition_by=[F("series"), hour], order_by=[F("duration_ms").desc(), F("pk")])
    nth_failed = Window(RowNumber(), partition_by=[F("series"), hour, F("ok")], order_by=[F("at"), F("pk")])
    whole_hours = int(now.timestamp() - DAY) // HOUR * HOUR
    return (
        Exemplar.objects.filter(bucket__gte=_exemplars_since(now), bucket__lt=whole_hours)
        .alias(slowest=nth_slowest, failed=Case(When(ok=False, then=nth_failed), default=Value(BEST + 1)))
        .filter(slowest__gt=BEST, failed__gt=BEST)
    )


def _doomed_spans(now: datetime) -> Iterator[Rows]:
    """Those that are too old, then the oldest of what is still too much; never one that a kept exemplar points to."""
    kept_exemplars = Exemplar.objects.filter(bucket__gte=_exemplars_since(now))
    exemplars = kept_exemplars.exclude(pk__in=_ordinary_exemplars(now).values("pk"))
    free = Span.objects.filter(~Exists(exemplars.filter(trace_id=OuterRef("trace_id"))))
    old = Q(started_at__lt=now - timedelta(seconds=settings.TELEMETRY_KEEP_SPANS))
    ids = list(free.filter(old).values_list("pk", flat=True))
    too_many = Span.objects.count() - len(ids) - settings.TELEMETRY_MOST_SPANS
    if too_many > 0:
        ids += free.exclude(old).order_by("started_at").values_list("pk", flat=True)[:too_many]
    yield from _by_id(Span, ids)


def _old_rollups(now: datetime) -> Iterator[Rows]:
    for resolution in RESOLUTIONS:
        end = now.timestamp() - kept()[resolution] - resolution
        yield from _pieces(Rollup.objects.filter(resolution=resolution, bucket__lt=end))


def _older(model: type[Model], field: str, setting: str) -> Callable[[datetime], Iterator[Rows]]:
    """The rows whose `field` is longer ago than the setting of that name says."""

    def rows(now: datetime) -> Iterator[Rows]:
        before = now - timedelta(seconds=getattr(settings, setting))
        return _pieces(model._default_manager.filter(**{f"{field}__lt": before}))  # noqa: SLF001

    return rows


def _pieces(rows: QuerySet[Any]) -> Iterator[Rows]:
    return _by_id(rows.model, list(rows.values_list("pk", flat=True)))


def _by_id(model: type[Model], ids: list[Any]) -> Iterator[Rows]:
    for begin in range(0, len(ids), ROUND):
        yield model._default_manager.filter(pk__in=ids[begin : begin + ROUND])  # noqa: SLF001


# Exemplars go before spans, since they keep those of their traces.
KINDS = (
    Kind("measures", _old_or_too_many_measures),
    Kind("exemplars", _old_or_ordinary_exemplars),
    Kind("spans", _doomed_spans),
    Kind("figures", _old_rollups),
    Kind("job runs", _older(JobRun, "started_at", "TELEMETRY_KEEP_RUNS")),
    Kind("queue results", _older(Task, "stopped", "TELEMETRY_KEEP_RESULTS")),
    Kind("processes", _older(Writer, "seen_at", "TELEMETRY_KEEP_PROCESSES")),
    Kind("messages of alerts", _older(Delivery, "made_at", "TELEMETRY_KEEP_ALERTS")),
    Kind("alerts", _older(Alert, "resolved_at", "TELEMETRY_KEEP_ALERTS")),
    Kind("silences", _older(Silence, "until", "TELEMETRY_KEEP_ALERTS")),
    Kind("deployments", _older(Deploy, "at", "TELEMETRY_KEEP_DEPLOYS")),
)
