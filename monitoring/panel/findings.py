"""What an examination of the telemetry means, in sentences, each with what to do; the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.panel.doctor import Examination, Kind
from monitoring.panel.formatting import duration, whole
from monitoring.panel.processes import ProcessRow

BEHIND_S = 10.0  # of a write; it comes every second
UNMERGED = timedelta(minutes=1)  # a round comes every ten seconds
LITTLE_ROOM = 1_000_000_000  # bytes
NEARLY_FULL = 0.8  # of the series
GRACE = timedelta(hours=3)  # the job that deletes runs hourly
MOST_NAMED = 5  # processes in a sentence


Level = Literal["bad", "warn", "good"]


@dataclass(frozen=True)
class Finding:
    """A sentence, how grave it is ("bad" and "warn" need a person), and what to do."""

    level: Level
    text: str
    remedy: str = ""


def findings(found: Examination) -> list[Finding]:
    """In the language that is active; a single good one when nobody is needed."""
    told = [
        *_about_processes(found),
        *_about_losses(found),
        *_about_merging(found),
        *_about_names(found),
        *_about_retention(found),
        *_about_room(found),
    ]
    told.sort(key=lambda finding: finding.level != "bad")
    return told or [Finding("good", _("Telemetry is well: nothing is shed, refused, late or full."))]


def facts(found: Examination) -> list[str]:
    """What there is, wrong or not."""
    series, merging, size = found.series, found.merging, found.size
    told = [_kept(kind) for kind in found.kinds]
    numbers = {"count": whole(series.count), "cap": whole(series.cap), "over": whole(sum(series.overflowed.values()))}
    text = _("%(count)s of %(cap)s series are taken; %(over)s records are counted under __other__, for want of one.")
    told.append(text % numbers)
    if merging.last:
        numbers = {"time": _long((found.at - merging.last).total_seconds()), "count": whole(merging.waiting)}
        text = _("Figures were last merged %(time)s ago; deltas that wait for their minute to end: %(count)s.")
        told.append(text % numbers)
    sizes = {"used": filesizeformat(size.used), "free": filesizeformat(size.free or 0)}
    text = _("The database takes %(used)s; %(free)s are free.")
    if size.free is None:
        text = _("The database takes %(used)s.")
    return [*told, text % sizes]


def _kept(kind: Kind) -> str:
    numbers = {
        "rows": whole(kind.rows),
        "kind": _(kind.name),
        "rate": whole(round(kind.per_day)),
        "keep": duration(kind.keep_s * 1000),
        "cap": whole(kind.cap or 0),
        "days": whole(kind.days_to_cap or 0),
    }
    if kind.cap is None:
        text = _("%(kind)s: %(rows)s, %(rate)s a day, kept for %(keep)s.")
    elif kind.days_to_cap is None:
        text = _("%(kind)s: %(rows)s, %(rate)s a day, kept for %(keep)s; at this rate there are never %(cap)s.")
    else:
        text = _("%(kind)s: %(rows)s, %(rate)s a day, kept for %(keep)s; the cap of %(cap)s is %(days)s days away.")
    return text % numbers


def _about_processes(found: Examination) -> Iterable[Finding]:
    if not found.living:
        remedy = _("Start them: make run, or your service manager.")
        yield Finding("bad", _("No process is running, so nothing is recorded."), remedy)
    for process in found.living:
        if process.behind_s > BEHIND_S:
            text = _("The process %(name)s is %(time)s behind with writing.")
            remedy = _("The telemetry database is slow or was away: look at the disk, and for a program that holds it.")
            yield Finding("warn", text % {"name": _name(process), "time": _long(process.behind_s)}, remedy)
    # A command that waits for its user writes nothing and is not dead.
    died = [process for process in found.processes if process.state == "died" and process.role != "command"]
    if died:
        text = ngettext(
            "%(count)s process died in the last day: %(names)s.",
            "%(count)s processes died in the last day: %(names)s.",
            len(died),
        )
        names = ", ".join([*map(_name, died[:MOST_NAMED]), *["…"][: len(died) > MOST_NAMED]])
        remedy = _("Look into its log, and into the system's for a kill when memory ran out.")
        yield Finding("warn", text % {"count": whole(len(died)), "names": names}, remedy)


def _about_losses(found: Examination) -> Iterable[Finding]:
    """What processes of the last day dropped, refused or failed at."""
    shed = sum(process.shed for process in found.processes)
    if shed:
        text = ngettext(
            "%(count)s record was shed by processes of the last day.",
            "%(count)s records were shed by processes of the last day.",
            shed,
        )
        remedy = _("The telemetry database was away or slow, or more came than it takes: if it goes on, measure less.")
        yield Finding("warn", text % {"count": whole(shed)}, remedy)
    for reason, count in found.refused.items():
        yield Finding("warn", _refusal(reason, count), _("The log names them: mend the code that measures."))
    failures = sum(process.failures for process in found.processes)
    if failures:
        text = ngettext(
            "Telemetry failed %(count)s time in processes of the last day.",
            "Telemetry failed %(count)s times in processes of the last day.",
            failures,
        )
        yield Finding("warn", text % {"count": whole(failures)}, _("The log of the process says why."))


def _refusal(reason: str, count: int) -> str:
    texts = {
        "duration": _("Refused durations (negative, infinite or over a week): %(count)s."),
        "amount": _("Refused amounts of counters (negative, no whole numbers or too large): %(count)s."),
        "name": _("Names of more than 200 characters, which were cut: %(count)s."),
        "label": _("Labels that no instrument declares, which were left out: %(count)s."),
    }
    return texts.get(reason, f"{reason}: %(count)s.") % {"count": whole(count)}


def _about_merging(found: Examination) -> Iterable[Finding]:
    merging, since = found.merging, found.at - UNMERGED
    remedy = _("Numbers stay right, but pages get slower: the processes' logs say what fails when they write.")
    if merging.overdue_since:
        text = _("Figures are not merged: %(count)s deltas wait, the oldest since %(time)s.")
        late = (found.at - merging.overdue_since).total_seconds()
        yield Finding("bad", text % {"count": whole(merging.waiting), "time": _long(late)}, remedy)
    elif any(process.started_at < since for process in found.living):
        if merging.last is None:
            yield Finding("bad", _("Figures were never merged."), remedy)
        elif merging.last < since:
            late = (found.at - merging.last).total_seconds()
            yield Finding("bad", _("Figures were last merged %(time)s ago.") % {"time": _long(late)}, remedy)


def _about_names(found: Examination) -> Iterable[Finding]:
    series, overflowed = found.series, sum(found.series.overflowed.values())
    if overflowed:
        level: Level = "bad"
        text = _("There are more names than %(cap)s series: %(over)s records are counted under __other__.")
    elif series.count >= NEARLY_FULL * series.cap:
        level = "warn"
        text = _("%(count)s of %(cap)s series are taken; the rest would be counted under __other__.")
    else:
        return
    remedy = _(
        "Take numbers and ids out of names and labels: the name with the most labels is %(widest)s (%(most)s), "
        "the newest are %(newest)s."
    )
    numbers = {"cap": whole(series.cap), "count": whole(series.count), "over": whole(overflowed)}
    names = {"widest": series.widest, "most": whole(series.widest_count), "newest": ", ".join(series.newest)}
    yield Finding(level, text % numbers, remedy % names)


def _about_retention(found: Examination) -> Iterable[Finding]:
    for kind in found.kinds:
        if _is_overdue(kind, found):
            text = _("%(kind)s: there are more or older ones than the limits allow.")
            remedy = _(
                "See on the jobs page whether delete_old_logs runs, or run manage.py prune_telemetry; "
                "spans that exemplars point to stay as long as TELEMETRY_KEEP_EXEMPLARS says."
            )
            yield Finding("bad", text % {"kind": _(kind.name)}, remedy)
        elif kind.days_to_cap is not None:
            text = _("%(kind)s: %(rate)s a day reach the cap of %(cap)s in %(days)s days, before they are too old.")
            numbers = {"rate": whole(round(kind.per_day)), "cap": whole(kind.cap or 0), "days": whole(kind.days_to_cap)}
            remedy = _("Raise %(cap)s if the disk has room, or lower %(keep)s.")
            settings = {"cap": kind.cap_setting, "keep": kind.keep_setting}
            yield Finding("warn", text % (numbers | {"kind": _(kind.name)}), remedy % settings)


def _is_overdue(kind: Kind, found: Examination) -> bool:
    """Past the limits by more than what the hourly job may leave. Exemplars may keep old spans, but not too many."""
    if kind.cap is not None and kind.rows > kind.cap + kind.per_day * (GRACE / timedelta(days=1)):
        return True
    limit = found.at - timedelta(seconds=kind.keep_s) - GRACE
    return kind.name != "Spans" and kind.oldest is not None and kind.oldest < limit


def _about_room(found: Examination) -> Iterable[Finding]:
    free = found.size.free
    if free is not None and free < LITTLE_ROOM:
        text = _("The disk of the telemetry database has %(free)s left; the database takes %(used)s.")
        remedy = _("Make room, or lower the TELEMETRY_KEEP_... limits and run manage.py prune_telemetry --vacuum.")
        sizes = {"free": filesizeformat(free), "used": filesizeformat(found.size.used)}
        yield Finding("bad", text % sizes, remedy)


def _name(process: ProcessRow) -> str:
    return f"{_(process.role)} {process.pid}"


def _long(seconds: float) -> str:
    return duration(seconds * 1000)
