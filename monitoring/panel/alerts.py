"""Reads what the alerts page shows: what fires, the rules with their figures, who is told, and what was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from monitoring.alert_models import Alert, AlertWatch, Silence
from monitoring.alerting import rule_words, words
from monitoring.alerting.evaluation import MINUTES
from monitoring.alerting.kinds import Rule
from monitoring.alerting.reads import ChannelState, channel_states
from monitoring.alerting.rules import rules
from monitoring.alerting.telling import silenced
from monitoring.alerting.watch import EVERY
from monitoring.errors import BadParameter
from monitoring.store.times import moment

PAGE = 50
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class AlertRow:
    """An alert in words, with its figure; `link` leads to the offenders, `course` is its rule's last hour."""

    id: int
    rule: str
    subject: str
    level: str
    state: str
    sentence: str
    figures: str
    remedy: str
    value: float
    threshold: float
    since: datetime
    fired_at: datetime | None
    resolved_at: datetime | None
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    note: str
    silenced_until: datetime | None
    link: str
    course: list[float | None]


@dataclass(frozen=True)
class RuleRow:
    """A rule in words; `figures` say what was found at `at`, empty when there was nothing to look at."""

    name: str
    level: str
    condition: str
    patience: str
    bad: bool
    figures: str
    subject: str
    at: datetime | None
    course: list[float | None]


@dataclass(frozen=True)
class SilenceRow:
    id: int
    rule: str
    subject: str
    until: datetime
    reason: str
    made_by: str


@dataclass(frozen=True)
class AlertReport:
    """All of it, as of `at`. `looked_by` looked at the rules last, at `looked_at`; `late` when that is too long ago."""

    at: datetime
    looked_at: datetime | None
    looked_by: dict[str, Any]
    late: bool
    firing: list[AlertRow]
    pending: list[AlertRow]
    rules: list[RuleRow]
    channels: list[ChannelState]
    silences: list[SilenceRow]
    history: list[AlertRow]
    older: str

    @property
    def told(self) -> bool:
        """Whether there is a way to tell anybody."""
        return any(channel.configured for channel in self.channels)


def report(now: datetime, before: str = "") -> AlertReport:
    watch = AlertWatch.objects.first() or AlertWatch(looked_at=moment(0), found={})
    found = watch.found.get("rules", {})
    courses = {name: _course(kept.get("course", []), now) for name, kept in found.items()}
    current = Alert.objects.exclude(state=Alert.State.RESOLVED).select_related("acknowledged_by")
    open_alerts = [_row(alert, courses, now) for alert in current.order_by("level", "-since")]
    past = list(_history(before)[: PAGE + 1])
    return AlertReport(
        at=now,
        looked_at=watch.looked_at if watch.looked_at > moment(0) else None,
        looked_by=watch.found.get("by", {}),
        late=watch.looked_at < now - 4 * EVERY,
        firing=sorted((row for row in open_alerts if row.state == "firing"), key=_settled),
        pending=[row for row in open_alerts if row.state == "pending"],
        rules=[_rule(rule, found.get(name, {}), courses.get(name, [])) for name, rule in rules().items()],
        channels=list(channel_states()),
        silences=[_silence(one) for one in _in_force(now)],
        history=[_row(alert, {}, now) for alert in past[:PAGE]],
        older=_cursor(past[PAGE - 1]) if len(past) > PAGE else "",
    )


def _settled(row: AlertRow) -> bool:
    """What somebody has seen to comes after what nobody has."""
    return row.acknowledged_at is not None or row.silenced_until is not None


def _in_force(now: datetime) -> QuerySet[Silence]:
    return Silence.objects.filter(until__gt=now).select_related("made_by").order_by("until")


def _history(before: str) -> QuerySet[Alert]:
    over = Alert.objects.filter(state=Alert.State.RESOLVED, fired_at__isnull=False).select_related("acknowledged_by")
    if before:
        at, pk = _position(before)
        over = over.filter(Q(resolved_at__lt=at) | Q(resolved_at=at, pk__lt=pk))
    return over.order_by("-resolved_at", "-pk")


def _cursor(alert: Alert) -> str:
    return f"{((alert.resolved_at or alert.since) - moment(0)) // MICROSECOND}-{alert.pk}"


def _position(cursor: str) -> tuple[datetime, int]:
    at, _dash, pk = cursor.partition("-")
    try:
        return moment(0) + int(at) * MICROSECOND, int(pk)
    except (ValueError, OverflowError):
        raise BadParameter("before", cursor, _("what the link to older ones says")) from None


def _row(alert: Alert, courses: dict[str, list[float | None]], now: datetime) -> AlertRow:
    over = alert.state == Alert.State.RESOLVED
    silence = None if over else silenced(alert.rule, alert.subject, now)
    return AlertRow(
        id=alert.pk,
        rule=alert.rule,
        subject=alert.subject,
        level=alert.level,
        state=alert.state,
        sentence=words.sentence(alert),
        figures=words.figures(alert),
        remedy=words.remedy(alert),
        value=alert.value,
        threshold=alert.threshold,
        since=alert.since,
        fired_at=alert.fired_at,
        resolved_at=alert.resolved_at,
        told_at=alert.notified_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=alert.acknowledged_by.get_username() if alert.acknowledged_by else "",
        note=alert.note,
        silenced_until=silence.until if silence else None,
        link=_link(alert),
        course=courses.get(alert.rule, []),
    )


def _link(alert: Alert) -> str:
    """The page with the offenders; of a job, its runs."""
    name, query = alert.detail.get("link", ""), alert.detail.get("query", "")
    if alert.kind == "job_failing":
        query = f"name={alert.subject}"
    try:
        return f"{reverse(name)}{'?' if query else ''}{query}" if name else ""
    except NoReverseMatch:
        return ""


def _rule(rule: Rule, kept: dict[str, Any], course: list[float | None]) -> RuleRow:
    worst = next(iter(kept.get("findings", [])), None)
    figure = (
        words.Figure(rule.kind, worst["subject"], worst["value"], worst["threshold"], worst["detail"])
        if worst
        else None
    )
    return RuleRow(
        name=rule.name,
        level=rule.level,
        condition=rule_words.condition(rule),
        patience=rule_words.patience(rule),
        bad=bool(worst and worst["bad"]),
        figures=words.figures(figure) if figure else "",
        subject=figure.subject if figure else "",
        at=moment(kept["at"]) if "at" in kept else None,
        course=course,
    )


def _course(kept: Iterable[tuple[float, float]], now: datetime) -> list[float | None]:
    """The worst figure of each minute of the last hour."""
    minute, known = int(now.timestamp()) // 60, {int(at): value for at, value in kept}
    return [known.get(minute - ago) for ago in range(MINUTES - 1, -1, -1)]


def _silence(silence: Silence) -> SilenceRow:
    return SilenceRow(
        id=silence.pk,
        rule=silence.rule,
        subject=silence.subject,
        until=silence.until,
        reason=silence.reason,
        made_by=silence.made_by.get_username() if silence.made_by else "",
    )
