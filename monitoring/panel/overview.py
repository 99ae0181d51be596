"""The numbers of the overview: one reading serves the page, its JSON and everybody who watches it live."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.deployments import Deployment, between
from monitoring.instruments import Instrument, declared, read_gauges
from monitoring.metrics import ACTIVE_SPANS, PROCESSES, TELEMETRY_SHED
from monitoring.models import Writer
from monitoring.panel import job_runs
from monitoring.panel.bottlenecks import Bottleneck, bottlenecks
from monitoring.store import figures
from monitoring.store.histogram import Histogram
from monitoring.store.living import living
from monitoring.store.tiers import MINUTE

WINDOW = "1h"
HOUR = 60  # minutes
RECENT = 5  # minutes
TO_FIX = 5
OWN = (ACTIVE_SPANS.name, TELEMETRY_SHED.name, PROCESSES.name)  # what tells of the panel itself


@dataclass(frozen=True)
class Gauge:
    """One gauge now: a value for each set of labels it was read with."""

    name: str
    description: str
    unit: str
    values: list[tuple[str, float]]

    @property
    def total(self) -> float:
        return sum(value for _, value in self.values)


@dataclass(frozen=True)
class Period:
    """A series' figures over some minutes; `p95` in milliseconds, None when nothing was measured."""

    count: int
    errors: int
    p95: float | None


@dataclass(frozen=True)
class Trend:
    """A declared histogram or counter: the last five minutes, the last hour, the hour before that, and each minute."""

    name: str
    kind: str
    description: str
    unit: str
    recent: Period
    hour: Period
    before: Period
    minutes: list[float | None]

    @property
    def growth(self) -> float | None:
        """How many times the hour before: p95 of durations, count of counters; None when there is no telling."""
        if self.kind == "counter":
            return self.hour.count / self.before.count if self.before.count else None
        return self.hour.p95 / self.before.p95 if self.hour.p95 and self.before.p95 else None


@dataclass(frozen=True)
class Process:
    """A living process that records telemetry."""

    role: str
    pid: int
    host: str
    started_at: datetime
    seen_at: datetime
    active_spans: int
    shed: int
    failures: int


@dataclass(frozen=True)
class Snapshot:
    """Everything the overview says, at one moment. `slow` counts the names whose p95 exceeds their threshold."""

    at: datetime
    complete_until: datetime
    window: str
    gauges: list[Gauge]
    trends: list[Trend]
    deployments: list[Deployment]
    fix_first: list[Bottleneck]
    slow: int
    failed_jobs: int
    waiting: job_runs.Waiting
    processes: list[Process]

    @property
    def marks(self) -> list[float]:
        """Where the trends' minutes have a deployment, as shares of their length."""
        last = int(self.at.timestamp()) // MINUTE
        return [(deployment.at // MINUTE - last + HOUR - 1) / (HOUR - 1) for deployment in self.deployments]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def snapshot(now: datetime) -> Snapshot:
    writers = living(now)
    measured = [row for row in bottlenecks(WINDOW).rows if row.name not in declared and row.name != "job.wait"]
    return Snapshot(
        at=now,
        complete_until=complete_until(writers, now),
        window=WINDOW,
        gauges=_desk_first(_gauges()),
        trends=_trends(now),
        deployments=between((int(now.timestamp()) // MINUTE - HOUR + 1) * MINUTE, now.timestamp()),
        fix_first=[row for row in measured if row.over or row.errors][:TO_FIX],
        slow=sum(row.p95 > row.threshold for row in measured),
        failed_jobs=job_runs.failures_since(now - timedelta(hours=1)),
        waiting=job_runs.waiting(now),
        processes=[_process(writer) for writer in writers],
    )


def complete_until(writers: Iterable[Writer], now: datetime) -> datetime:
    """The moment up to which every living process has handed in what it recorded."""
    return min((writer.seen_at for writer in writers), default=now)


def _gauges() -> Iterable[Gauge]:
    values: dict[str, list[tuple[str, float]]] = {}
    for reading in read_gauges():
        values.setdefault(reading.name, []).append((", ".join(reading.labels.values()), reading.value))
    for name, parts in values.items():
        yield Gauge(name, declared[name].description, declared[name].unit, parts)


def _desk_first(gauges: Iterable[Gauge]) -> list[Gauge]:
    return sorted(gauges, key=lambda gauge: gauge.name in OWN)


def _trends(now: datetime) -> list[Trend]:
    first = (int(now.timestamp()) // MINUTE - HOUR + 1) * MINUTE
    kinds = {one.name: one.kind for one in declared.values() if one.kind != "gauge"}
    minutes = figures.by_minute(kinds, first, now.timestamp())
    before: dict[tuple[str, str], Histogram] = defaultdict(Histogram)
    for series in figures.in_window(first - HOUR * MINUTE, first - MINUTE, ("histogram", "counter")):
        before[series.kind, series.name].merge(series.histogram)
    hour = range(first, first + HOUR * MINUTE, MINUTE)
    return [
        _trend(declared[name], [minutes[name].get(minute) for minute in hour], before[kind, name])
        for name, kind in kinds.items()
    ]


def _trend(instrument: Instrument, hour: list[Histogram | None], before: Histogram) -> Trend:
    return Trend(
        name=instrument.name,
        kind=instrument.kind,
        description=instrument.description,
        unit=instrument.unit,
        recent=_period(_whole(hour[-RECENT:])),
        hour=_period(_whole(hour)),
        before=_period(before),
        minutes=[_point(instrument.kind, histogram) for histogram in hour],
    )


def _whole(minutes: Iterable[Histogram | None]) -> Histogram:
    return Histogram.merged(histogram for histogram in minutes if histogram is not None)


def _period(whole: Histogram) -> Period:
    return Period(whole.count, whole.errors, whole.quantile(0.95) if whole.cells else None)


def _point(kind: str, histogram: Histogram | None) -> float | None:
    if kind == "counter":
        return float(histogram.count) if histogram else 0.0
    return histogram.quantile(0.95) if histogram else None


def _process(writer: Writer) -> Process:
    return Process(
        role=writer.role,
        pid=writer.pid,
        host=writer.host,
        started_at=writer.started_at,
        seen_at=writer.seen_at,
        active_spans=writer.active_spans,
        shed=writer.shed,
        failures=writer.failures,
    )
