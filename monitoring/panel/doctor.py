"""Examines the telemetry itself: what is recorded, how fast it grows, who fell behind, how much room there is.

`monitoring.panel.findings` says what follows from it.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Model
from django.utils.translation import gettext_noop as _

from monitoring.models import Delta, Exemplar, JobRun, Leader, Measure, Rollup, Series, Span, Total
from monitoring.panel.processes import ProcessRow, processes
from monitoring.retention import first_measure_since
from monitoring.store.fold import OTHER
from monitoring.store.series import MOST_SERIES
from monitoring.store.sizes import Size, size
from monitoring.store.tiers import DAY, HOUR, MINUTE
from monitoring.store.times import moment


@dataclass(frozen=True)
class Kind:
    """Rows of one kind: how many there are, come in a day and may be (`cap`), and how long they are kept (`keep_s`).

    `keep_setting` and `cap_setting` name what an operator can change.
    """

    name: str
    rows: int
    oldest: datetime | None
    per_day: float
    keep_s: int
    keep_setting: str
    cap: int | None = None
    cap_setting: str = ""

    @property
    def days_to_cap(self) -> float | None:
        """Days until the cap is reached (0 when it is), None where rows get too old before there are so many."""
        if self.cap is None or self.per_day * self.keep_s / DAY <= self.cap:
            return None
        return max(0.0, (self.cap - self.rows) / self.per_day)


@dataclass(frozen=True)
class SeriesState:
    """Names with their labels: how many of how many, the name with the most labels, and what had to share a series."""

    count: int
    cap: int
    widest: str
    widest_count: int
    newest: list[str]
    overflowed: dict[str, int]


@dataclass(frozen=True)
class Merging:
    """The compaction: when it was last done, how many deltas wait, and the oldest minute of those that are overdue."""

    last: datetime | None
    waiting: int
    overdue_since: datetime | None


@dataclass(frozen=True)
class Examination:
    """All of it, at one moment."""

    at: datetime
    kinds: list[Kind]
    series: SeriesState
    merging: Merging
    size: Size
    processes: list[ProcessRow]

    @property
    def living(self) -> list[ProcessRow]:
        return [process for process in self.processes if process.lives]

    @property
    def active_spans(self) -> int:
        return sum(process.active_spans for process in self.processes)

    @property
    def refused(self) -> Counter[str]:
        """Bad input by what was wrong with it, over the processes of the last day."""
        reasons: Counter[str] = Counter()
        for process in self.processes:
            reasons.update(process.refused)
        return reasons

    def as_json(self) -> dict[str, Any]:
        days = {kind.name: kind.days_to_cap for kind in self.kinds}
        kinds = [asdict(kind) | {"days_to_cap": days[kind.name]} for kind in self.kinds]
        return asdict(self) | {"kinds": kinds, "active_spans": self.active_spans, "refused": self.refused}


# What has an index by its moment: the field, the name as it is shown, and how its settings' names end.
KINDS = (
    (Span, "started_at", _("Spans"), "SPANS"),
    (JobRun, "started_at", _("Job runs"), "RUNS"),
    (Exemplar, "bucket", _("Exemplars"), "EXEMPLARS"),
)


def examine(now: datetime) -> Examination:
    return Examination(
        at=now,
        kinds=[_measures(now), *(_kind(now, *kind) for kind in KINDS), _minutes(now)],
        series=_series(),
        merging=_merging(now),
        size=size(),
        processes=processes(now),
    )


def _measures(now: datetime) -> Kind:
    """Counted by their ids, since there may be millions."""
    ids = Measure.objects.aggregate(first=Min("pk"), last=Max("pk"))
    rows = ids["last"] - ids["first"] + 1 if ids["last"] else 0
    oldest = moment(Measure.objects.get(pk=ids["first"]).at) if rows else None
    recent = ids["last"] + 1 - first_measure_since(now.timestamp() - DAY) if rows else 0
    return Kind(
        name=_("Measures"),
        rows=rows,
        oldest=oldest,
        per_day=_per_day(recent, oldest, now),
        keep_s=settings.TELEMETRY_KEEP_MEASURES,
        keep_setting="TELEMETRY_KEEP_MEASURES",
        cap=settings.TELEMETRY_MOST_MEASURES,
        cap_setting="TELEMETRY_MOST_MEASURES",
    )


def _minutes(now: datetime) -> Kind:
    """The finest figures stand for all: of the coarser there are fewer."""
    return _kind(now, Rollup, "bucket", _("Figures by the minute"), "BY_MINUTE", resolution=MINUTE)


def _kind(now: datetime, model: type[Model], field: str, name: str, setting: str, **only: int) -> Kind:
    rows = model._default_manager.filter(**only)  # noqa: SLF001
    day_ago, first = now - timedelta(days=1), rows.aggregate(first=Min(field))["first"]
    oldest = moment(first) if isinstance(first, int) else first
    recent = rows.filter(**{f"{field}__gte": day_ago.timestamp() if field == "bucket" else day_ago})
    return Kind(
        name=name,
        rows=rows.count(),
        oldest=oldest,
        per_day=_per_day(recent.count(), oldest, now),
        keep_s=getattr(settings, f"TELEMETRY_KEEP_{setting}"),
        keep_setting=f"TELEMETRY_KEEP_{setting}",
        cap=getattr(settings, f"TELEMETRY_MOST_{setting}", None),
        cap_setting=f"TELEMETRY_MOST_{setting}",
    )


def _per_day(recent: int, oldest: datetime | None, now: datetime) -> float:
    """From the last day, or from the time since the oldest row, but from no less than an hour."""
    if oldest is None:
        return 0.0
    return recent * DAY / min(DAY, max(HOUR, (now - oldest).total_seconds()))


def _series() -> SeriesState:
    widest = Series.objects.values("name").annotate(count=Count("pk")).order_by("-count", "name").first()
    overflowed: Counter[str] = Counter()
    for model in (Total, Delta):
        for kind, count in model.objects.filter(series__name=OTHER).values_list("series__kind", "count"):
            overflowed[kind] += count
    return SeriesState(
        count=Series.objects.count(),
        cap=MOST_SERIES,
        widest=widest["name"] if widest else "",
        widest_count=widest["count"] if widest else 0,
        newest=list(Series.objects.exclude(name=OTHER).order_by("-pk").values_list("name", flat=True)[:3]),
        overflowed=dict(overflowed),
    )


def _merging(now: datetime) -> Merging:
    last = Leader.objects.filter(compacted_at__gt=moment(0)).values_list("compacted_at", flat=True).first()
    overdue = Delta.objects.filter(bucket__lt=now.timestamp() - 5 * MINUTE).aggregate(first=Min("bucket"))["first"]
    return Merging(last, Delta.objects.count(), moment(overdue) if overdue else None)
