"""Is it healthy? Sentences from simple rules over the overview's numbers, the worst first."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.panel.formatting import capped, duration, times, whole
from monitoring.panel.overview import Snapshot
from monitoring.verdict import Verdict, others

LONG_WAIT = 30.0  # seconds a job may wait while workers live
GREW = 2.0  # times the hour before
ENOUGH = 20  # measures in each hour, below which a comparison says little


def verdicts(snapshot: Snapshot) -> list[Verdict]:
    """In the language that is active; a single good one when nothing is wrong. Then what others would have said."""
    told = others(snapshot.at)
    found = [*_about_jobs(snapshot), *_about_times(snapshot), *_about_telemetry(snapshot)]
    found += [verdict for verdict in told if verdict.level != "note"]
    found.sort(key=lambda verdict: verdict.level != "bad")
    return [*(found or [Verdict("good", _good())]), *(verdict for verdict in told if verdict.level == "note")]


def _about_jobs(snapshot: Snapshot) -> Iterable[Verdict]:
    jobs = reverse("panel:jobs")
    if not any(process.role == "worker" for process in snapshot.processes):
        yield Verdict("bad", _("No job worker is running, so jobs wait. Start one with: manage.py qcluster."), jobs)
    elif snapshot.waiting.oldest and (snapshot.at - snapshot.waiting.oldest).total_seconds() > LONG_WAIT:
        waited = duration((snapshot.at - snapshot.waiting.oldest).total_seconds() * 1000)
        yield Verdict(
            "warn", _("A job has been waiting for %(time)s: the workers do not keep up.") % {"time": waited}, jobs
        )
    if snapshot.failed_jobs:
        text = ngettext(
            "%(count)s job run failed in the last hour.",
            "%(count)s job runs failed in the last hour.",
            snapshot.failed_jobs,
        )
        yield Verdict("bad", text % {"count": capped(snapshot.failed_jobs)}, f"{jobs}?status=failed")


def _about_times(snapshot: Snapshot) -> Iterable[Verdict]:
    if snapshot.slow:
        text = ngettext(
            "%(count)s operation has a 95th percentile over its threshold in the last hour.",
            "%(count)s operations have a 95th percentile over their thresholds in the last hour.",
            snapshot.slow,
        )
        yield Verdict("warn", text % {"count": whole(snapshot.slow)}, reverse("panel:bottlenecks"))
    for trend in snapshot.trends:
        enough = min(trend.hour.count, trend.before.count) >= ENOUGH
        if trend.kind == "histogram" and enough and trend.growth and trend.growth >= GREW:
            text = _("%(what)s is %(times)s that of the hour before (95th percentile).")
            told = text % {"what": _(trend.description), "times": times(trend.growth)}
            yield Verdict("warn", told, f"{reverse('panel:traces')}?name={trend.name}")


def _about_telemetry(snapshot: Snapshot) -> Iterable[Verdict]:
    shed = sum(process.shed for process in snapshot.processes)
    failures = sum(process.failures for process in snapshot.processes)
    if shed:
        text = ngettext(
            "%(count)s telemetry record was shed: counts are complete, but some spans or measures are missing.",
            "%(count)s telemetry records were shed: counts are complete, but some spans or measures are missing.",
            shed,
        )
        yield Verdict("warn", text % {"count": whole(shed)})
    if failures:
        text = ngettext(
            "Telemetry failed %(count)s time since the processes started; the log says why.",
            "Telemetry failed %(count)s times since the processes started; the log says why.",
            failures,
        )
        yield Verdict("warn", text % {"count": whole(failures)})


def _good() -> str:
    return _(
        "All is well: a job worker is running, no job run failed in the last hour, "
        "and no operation has a 95th percentile over its threshold."
    )
