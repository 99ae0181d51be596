"""Reads the jobs by name: when each runs, in words, how its last run ended and how its day was."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections
from django_q.models import Schedule

from monitoring.models import JobRun
from monitoring.panel.formatting import MOST_COUNTED
from monitoring.panel.job_runs import RunRow, rows
from monitoring.panel.job_schedules import words
from monitoring.router import TELEMETRY

DAY = timedelta(days=1)
MOST = 200  # names
TABLE = JobRun._meta.db_table  # noqa: SLF001

# Jumps from name to name in the index: the number of runs does not matter.
SEEN = f"""
WITH RECURSIVE names(name) AS (
    SELECT min(name) FROM {TABLE}
    UNION ALL
    SELECT (SELECT min(run.name) FROM {TABLE} run WHERE run.name > names.name) FROM names WHERE names.name IS NOT NULL
)
SELECT name,
       (SELECT id FROM {TABLE} run WHERE run.name = names.name ORDER BY started_at DESC LIMIT 1),
       (SELECT count(*) FROM (
           SELECT 1 FROM {TABLE} run WHERE run.name = names.name AND run.started_at >= %s LIMIT {MOST_COUNTED + 1}
       ) AS day),
       (SELECT count(*) FROM (
           SELECT 1 FROM {TABLE} run WHERE run.name = names.name AND run.status IN ('failed', 'interrupted')
               AND run.started_at >= %s LIMIT {MOST_COUNTED + 1}
       ) AS bad)
FROM names WHERE name IS NOT NULL LIMIT {MOST}
"""  # noqa: S608


@dataclass(frozen=True)
class JobRow:
    """One job: when it runs (`when` in words, its cron line, its next moment), and how it fared in 24 hours.

    `runs` and `failures` are counted up to MOST_COUNTED + 1.
    """

    name: str
    cron: str
    when: str
    next_run: datetime | None
    last: RunRow | None
    runs: int
    failures: int

    @property
    def scheduled(self) -> bool:
        return bool(self.cron)

    def figures(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Seen:
    last: str
    runs: int
    failures: int


NOTHING = _Seen("", 0, 0)


def jobs(now: datetime) -> list[JobRow]:
    """Every job that is scheduled, enqueued on demand, or was seen to run."""
    crons = {name: cron for name, _function, cron in settings.JOB_SCHEDULES}
    next_runs = dict(Schedule.objects.values_list("name", "next_run"))
    seen = _seen(now)
    last = _by_name(JobRun.objects.filter(pk__in=[one.last for one in seen.values()]))
    return [
        JobRow(
            name=name,
            cron=crons.get(name, ""),
            when=words(crons[name]) if name in crons else "",
            next_run=next_runs.get(name),
            last=last.get(name),
            runs=seen.get(name, NOTHING).runs,
            failures=seen.get(name, NOTHING).failures,
        )
        for name in dict.fromkeys((*crons, *settings.JOBS_ON_DEMAND, *seen))
    ]


def _seen(now: datetime) -> dict[str, _Seen]:
    connection = connections[TELEMETRY]
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [connection.ops.adapt_datetimefield_value(now - DAY)] * 2)
        return {name: _Seen(*seen) for name, *seen in cursor.fetchall()}


def _by_name(runs: Iterable[JobRun]) -> dict[str, RunRow]:
    return {row.name: row for row in rows(runs)}
