"""The panel's own instruments. The desk declares its own beside its code; together they are what /metrics exports."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _

from monitoring.instruments import Instrument, Reading, declare, register_gauges
from monitoring.store.living import living

JOB_NAMES = (*(name for name, _function, _cron in settings.JOB_SCHEDULES), *settings.JOBS_ON_DEMAND)

JOB_PROCESSING_TIME = Instrument(
    "histogram",
    "job_processing_time",
    _("Background job processing time"),
    "ms",
    {"job_name": JOB_NAMES},
    {"": _("Job time")},
)
JOB_WAIT_TIME = Instrument(
    "histogram", "job_wait_time", _("Time background jobs waited for a worker"), "ms", {"job_name": JOB_NAMES}
)
JOBS = Instrument(
    "counter",
    "jobs_total",
    _("Job runs that ended, by job and result"),
    labels={"job_name": JOB_NAMES, "result": ("success", "failed", "interrupted")},
)
ACTIVE_SPANS = Instrument("gauge", "active_spans", _("Number of active tracing spans"))
TELEMETRY_SHED = Instrument("gauge", "telemetry_shed", _("Telemetry records shed by the living processes"))
PROCESSES = Instrument(
    "gauge",
    "telemetry_processes",
    _("Living processes that record telemetry"),
    labels={"role": ("web", "worker", "scheduler", "metrics")},
    headline={"worker": _("Job workers")},
)
# When something was lost, which the processes' own sums do not tell.
RECORDS_SHED = Instrument("counter", "telemetry_records_shed_total", _("Telemetry records that were shed"))
INPUT_REFUSED = Instrument("counter", "telemetry_input_refused_total", _("Bad input that telemetry refused or cut"))
FAILURES = Instrument("counter", "telemetry_failures_total", _("Times that telemetry failed and was skipped"))
LOSSES = (RECORDS_SHED, INPUT_REFUSED, FAILURES)

# The values of `role` as the overview shows them.
ROLE_WORDS = (_("web"), _("worker"), _("scheduler"), _("metrics"), _("command"))


def read() -> Iterable[Reading]:
    writers = living(now())
    yield Reading(ACTIVE_SPANS.name, sum(writer.active_spans for writer in writers))
    yield Reading(TELEMETRY_SHED.name, sum(writer.shed for writer in writers))
    for role in PROCESSES.labels["role"]:
        yield Reading(PROCESSES.name, sum(writer.role == role for writer in writers), {"role": role})


def declare_all() -> None:
    declare(JOB_PROCESSING_TIME, JOB_WAIT_TIME, JOBS, ACTIVE_SPANS, TELEMETRY_SHED, PROCESSES, *LOSSES)
    register_gauges(read, live=True)
