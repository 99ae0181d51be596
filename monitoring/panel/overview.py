"""What the overview knows beside the numbers of this moment: one reading for the page, its JSON and all who watch."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.deployments import Deployment, between
from monitoring.instruments import Reading, declared, read_gauges
from monitoring.models import Writer
from monitoring.panel import job_queue, job_runs, trends
from monitoring.panel.bottlenecks import KINDS, Bottleneck, Read, ranked, read
from monitoring.panel.comparison import SLOWER
from monitoring.panel.processes import ProcessRow, processes
from monitoring.panel.strip import Gauge, Strip, gauges
from monitoring.panel.trends import Trend
from monitoring.store import figures
from monitoring.store.growth import Outlook, outlook
from monitoring.store.tiers import MINUTE

WINDOW = "1h"
TO_FIX = 5
STORED = {word: kind for kind, word in KINDS.items()}


@dataclass(frozen=True)
class ToFix:
    """A name that was slow, failed or got slower, with its p95 of each minute."""

    row: Bottleneck
    minutes: list[float | None]

    @property
    def slower(self) -> bool:
        return self.row.change.verdict == SLOWER

    def as_json(self) -> dict[str, Any]:
        return asdict(self.row) | {"minutes": self.minutes}


@dataclass(frozen=True)
class Overview:
    """As of `at`, from the minute of `since` on (epoch seconds); `measured` is every name, the desk's own left out.

    Every process had handed in what it recorded up to `complete_until`. `failing` has the failed runs of each job.
    """

    at: datetime
    since: int
    complete_until: datetime
    trends: list[Trend]
    deployments: list[Deployment]
    measured: list[Bottleneck]
    fix_first: list[ToFix]
    failing: dict[str, int]
    waiting: job_queue.Waiting
    processes: list[ProcessRow]
    disk: Outlook | None
    readings: list[Reading]

    @property
    def gauges(self) -> list[Gauge]:
        return gauges(self.readings)

    @property
    def marks(self) -> list[float]:
        """Where the trends' minutes have a deployment, as shares of their length."""
        length = self.at.timestamp() // MINUTE * MINUTE - self.since
        return [(deployment.at // MINUTE * MINUTE - self.since) / length for deployment in self.deployments]

    @property
    def first(self) -> list[Trend]:
        return [trend for trend in self.trends if trend.title]

    @property
    def living(self) -> list[ProcessRow]:
        return [process for process in self.processes if process.lives]

    def as_json(self, moment: Strip) -> dict[str, Any]:
        """With the numbers of the moment, and without what other pages tell: every name, and who is gone."""
        return {
            "at": self.at,
            "now": moment.as_json(),
            "window": WINDOW,
            "complete_until": self.complete_until,
            "trends": [asdict(trend) | {"growth": trend.growth} for trend in self.trends],
            "deployments": [asdict(one) for one in self.deployments],
            "fix_first": [one.as_json() for one in self.fix_first],
            "failing": self.failing,
            "waiting": asdict(self.waiting),
            "processes": [asdict(process) for process in self.living],
            "disk": asdict(self.disk) if self.disk else None,
            "gauges": [asdict(gauge) for gauge in self.gauges],
        }


def overview(now: datetime) -> Overview:
    found = read(WINDOW, int(now.timestamp()), (*KINDS, "counter"))
    measured = [row for row in ranked(found) if row.name not in declared and row.name != "job.wait"]
    to_fix = [row for row in measured if row.over or row.errors][:TO_FIX]
    named = {(STORED[row.kind], row.name) for row in to_fix}
    by_minute = figures.by_minute(trends.names() | named, found.since, found.until)
    found_processes = processes(now)
    return Overview(
        at=now,
        since=found.since,
        complete_until=complete_until((process for process in found_processes if process.lives), now),
        trends=trends.trends(found, by_minute),
        deployments=between(found.since, found.until),
        measured=measured,
        fix_first=[_to_fix(row, found, by_minute) for row in to_fix],
        failing=job_runs.failing_since(now - timedelta(hours=1)),
        waiting=job_queue.waiting(now),
        processes=found_processes,
        disk=outlook(now),
        readings=read_gauges(),
    )


def complete_until(writers: Iterable[Writer | ProcessRow], now: datetime) -> datetime:
    """The moment up to which every living process has handed in what it recorded."""
    return min((writer.seen_at for writer in writers), default=now)


def _to_fix(row: Bottleneck, found: Read, by_minute: trends.Minutes) -> ToFix:
    kind = STORED[row.kind]
    return ToFix(row, trends.course(kind, found, by_minute[kind, row.name]))
