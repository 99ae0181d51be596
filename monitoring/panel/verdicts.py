"""Is it healthy? Sentences from simple rules over the overview's numbers, the worst first, each with its offenders."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from urllib.parse import urlencode

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.metrics import FAILURES, RECORDS_SHED
from monitoring.panel.bottlenecks import Bottleneck
from monitoring.panel.comparison import SLOWER
from monitoring.panel.formatting import capped, duration, times, whole
from monitoring.panel.overview import Overview
from monitoring.panel.processes import ProcessRow
from monitoring.panel.trends import Trend
from monitoring.scale_checks import embedded_news
from monitoring.verdict import Offender, Verdict, others

LONG_WAIT = 30.0  # seconds a job may wait while workers live
GREW = 2.0  # times the hour before, for what the program counts of itself to be told
STALE = timedelta(seconds=12)  # without a sign of life; it comes every five seconds
JUST_NOW = timedelta(hours=1)
BEHIND_S = 10.0  # of a write; it comes every second
FEW_DAYS, VERY_FEW_DAYS = 14, 3  # of disk
LITTLE_ROOM = 1_000_000_000  # bytes
NAMED = 5  # offenders


def verdicts(found: Overview) -> list[Verdict]:
    """In the language that is active; a single good one when nothing is wrong. Then what others would have said.

    What two rules say in the same words is said once.
    """
    said = [verdict for rule in RULES for verdict in rule(found)] + others(found.at)
    once = list({verdict.text: verdict for verdict in reversed(said)}.values())[::-1]
    wrong = sorted((one for one in once if one.level != "note"), key=lambda one: one.level != "bad")
    return [*(wrong or [Verdict("good", _good())]), *(one for one in once if one.level == "note")]


def _about_workers(found: Overview) -> Iterable[Verdict]:
    link = reverse("panel:processes")
    workers = [process for process in found.processes if process.role == "worker"]
    if not any(process.lives for process in workers):
        last = tuple(_silent(process, found) for process in workers[:NAMED])
        text, remedy = _("No job worker is running, so jobs wait."), _("Start one with: manage.py qcluster.")
        yield Verdict("bad", text, link, remedy, last, "no_worker")
    stale = [one for one in found.living if found.at - one.seen_at > STALE or one.behind_s > BEHIND_S]
    if stale:
        text = ngettext(
            "%(count)s process is late with its sign of life or with writing.",
            "%(count)s processes are late with their sign of life or with writing.",
            len(stale),
        )
        remedy = _("The telemetry database is slow or was away: look at the disk, and for a program that holds it.")
        names = tuple(_silent(process, found) for process in stale[:NAMED])
        yield Verdict("warn", text % {"count": whole(len(stale))}, link, remedy, names, "late")
    # A command that waits for its user writes nothing and is not dead.
    died = [
        one
        for one in found.processes
        if one.state == "died" and one.role != "command" and found.at - one.seen_at < JUST_NOW
    ]
    if died:
        text = ngettext(
            "%(count)s process died in the last hour.", "%(count)s processes died in the last hour.", len(died)
        )
        remedy = _("Look into its log, and into the system's for a kill when memory ran out.")
        names = tuple(_silent(process, found) for process in died[:NAMED])
        yield Verdict("warn", text % {"count": whole(len(died))}, link, remedy, names, "died")


def _about_web_processes(found: Overview) -> Iterable[Verdict]:
    web = [process for process in found.living if process.role == "web"]
    if len(web) > 1 and embedded_news():
        text = _("Several web processes are running that cannot tell each other news: calls between them fail.")
        names = tuple(_silent(process, found) for process in web[:NAMED])
        yield Verdict("bad", text, reverse("panel:processes"), _("Set REDIS_URL, or run one."), names, "cut_off")


def _about_jobs(found: Overview) -> Iterable[Verdict]:
    jobs, oldest = reverse("panel:jobs"), found.waiting.oldest
    waited_s = (found.at - oldest).total_seconds() if oldest else 0.0
    if waited_s > LONG_WAIT and any(process.role == "worker" for process in found.living):
        text = _("A job has been waiting for %(time)s: the workers do not keep up.")
        remedy = _("See what they run, and raise JOB_WORKERS if they always run something.")
        waiting = Offender(_("Jobs waiting"), capped(found.waiting.due), f"{jobs}?status=waiting")
        yield Verdict("warn", text % {"time": duration(waited_s * 1000)}, jobs, remedy, (waiting,), "jobs_wait")
    if found.failing:
        failed = sum(found.failing.values())
        text = ngettext(
            "%(count)s job run failed in the last hour.", "%(count)s job runs failed in the last hour.", failed
        )
        names = tuple(
            Offender(name, whole(count), reverse("panel:job", args=[name]))
            for name, count in list(found.failing.items())[:NAMED]
        )
        remedy = _("Read why on the job's page; when it is mended, press Retry there.")
        yield Verdict("bad", text % {"count": whole(failed)}, f"{jobs}?status=failed", remedy, names, "jobs_fail")


def _about_slowness(found: Overview) -> Iterable[Verdict]:
    slower = [row for row in found.measured if row.change.verdict == SLOWER and row.p95 > row.threshold]
    if slower:
        text = ngettext(
            "%(count)s slow operation got slower than in the hour before.",
            "%(count)s slow operations got slower than in the hour before.",
            len(slower),
        )
        remedy = _("Open its slowest trace, and see whether a version went live when it began.")
        yield Verdict(
            "warn", text % {"count": whole(len(slower))}, reverse("panel:bottlenecks"), remedy, _names(slower), "slower"
        )
    over = [row for row in found.measured if row.p95 > row.threshold and row not in slower]
    if over:
        text = ngettext(
            "%(count)s operation has a 95th percentile over its threshold in the last hour.",
            "%(count)s operations have a 95th percentile over their thresholds in the last hour.",
            len(over),
        )
        remedy = _("Open its slowest trace, or give it a threshold of its own in BOTTLENECK_THRESHOLDS.")
        yield Verdict(
            "warn", text % {"count": whole(len(over))}, reverse("panel:bottlenecks"), remedy, _names(over), "over"
        )


def _about_times(found: Overview) -> Iterable[Verdict]:
    """What the program counts of itself has no threshold, so it must have doubled."""
    for trend in found.trends:
        if trend.kind == "histogram" and trend.change.verdict == SLOWER and (trend.growth or 0) >= GREW:
            text = _("%(what)s is %(times)s that of the hour before (95th percentile).")
            told = text % {"what": _(trend.description), "times": times(trend.growth or 0)}
            remedy = _("See on its page since when, and for which part of it.")
            link = _name_page("measure", trend.name)
            yield Verdict("warn", told, link, remedy, (_doubled(trend),), trend.name)


def _about_telemetry(found: Overview) -> Iterable[Verdict]:
    hour = {trend.name: trend.hour.count for trend in found.trends}
    link = reverse("panel:processes")
    if shed := hour[RECORDS_SHED.name]:
        text = ngettext(
            "%(count)s telemetry record was shed in the last hour: counts are complete, but rows are missing.",
            "%(count)s telemetry records were shed in the last hour: counts are complete, but rows are missing.",
            shed,
        )
        remedy = _("The telemetry database was away or slow, or more came than it takes: if it goes on, measure less.")
        names = tuple(_process(one, whole(one.shed)) for one in found.processes if one.shed)[:NAMED]
        yield Verdict("warn", text % {"count": whole(shed)}, link, remedy, names, "shed")
    if failures := hour[FAILURES.name]:
        text = ngettext(
            "Telemetry failed %(count)s time in the last hour.",
            "Telemetry failed %(count)s times in the last hour.",
            failures,
        )
        remedy = _("The log of the process says why.")
        names = tuple(_process(one, whole(one.failures)) for one in found.processes if one.failures)[:NAMED]
        yield Verdict("warn", text % {"count": whole(failures)}, link, remedy, names, "failures")


def _about_room(found: Overview) -> Iterable[Verdict]:
    disk = found.disk
    if disk is None or (disk.free >= LITTLE_ROOM and (disk.days is None or disk.days >= FEW_DAYS)):
        return
    sizes = {"free": filesizeformat(disk.free), "days": whole(int(disk.days or 0))}
    text = _("The disk has %(free)s left, which at the growth of the last week is enough for %(days)s days.")
    if disk.days is None:
        text = _("The disk has %(free)s left.")
    few = disk.free < LITTLE_ROOM or (disk.days is not None and disk.days < VERY_FEW_DAYS)
    remedy = _("Make room, or lower the TELEMETRY_KEEP_... limits and run manage.py prune_telemetry --vacuum.")
    facts = [Offender(_("The databases take"), filesizeformat(disk.used), reverse("panel:processes"))]
    if disk.per_day:
        facts.append(Offender(_("They grow in a day by"), filesizeformat(disk.per_day)))
    yield Verdict("bad" if few else "warn", text % sizes, reverse("panel:processes"), remedy, tuple(facts), "disk")


RULES: tuple[Callable[[Overview], Iterable[Verdict]], ...] = (
    *(_about_workers, _about_web_processes, _about_jobs, _about_slowness, _about_times, _about_telemetry, _about_room),
)


def _names(rows: list[Bottleneck]) -> tuple[Offender, ...]:
    return tuple(Offender(row.name, _moved(row), _name_page(row.kind, row.name)) for row in rows[:NAMED])


def _moved(row: Bottleneck) -> str:
    """Its p95, and what that was."""
    if row.change.p95 is None:
        return _("p95 %(now)s, threshold %(limit)s") % {"now": duration(row.p95), "limit": duration(row.threshold)}
    return _("p95 %(now)s, before %(then)s") % {"now": duration(row.p95), "then": duration(row.change.p95)}


def _doubled(trend: Trend) -> Offender:
    figures = {"now": duration(trend.hour.p95), "then": duration(trend.before.p95)}
    return Offender(trend.name, _("p95 %(now)s, before %(then)s") % figures, _name_page("measure", trend.name))


def _name_page(kind: str, name: str) -> str:
    return f"{reverse('panel:name')}?{urlencode({'kind': kind, 'name': name})}"


def _silent(process: ProcessRow, found: Overview) -> Offender:
    ago = duration((found.at - process.seen_at).total_seconds() * 1000)
    return _process(process, _("last seen %(time)s ago") % {"time": ago})


def _process(process: ProcessRow, figure: str) -> Offender:
    return Offender(f"{_(process.role)} {process.pid}", figure, reverse("panel:processes"))


def _good() -> str:
    return _(
        "All is well: a job worker is running, no job run failed in the last hour, "
        "and no operation has a 95th percentile over its threshold."
    )
