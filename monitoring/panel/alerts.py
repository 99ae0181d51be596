"""Reads what the alerts page shows: what fires, the rules with their figures, who is told, and what was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.urls import NoReverseMatch, reverse

from monitoring.alert_models import Alert, AlertWatch, Silence
from monitoring.alerting import rule_words, words
from monitoring.alerting.evaluation import MINUTES
from monitoring.alerting.kinds import Rule
from monitoring.alerting.reads import ChannelState, channel_states, looked_at
from monitoring.alerting.rules import rules
from monitoring.alerting.telling import in_force, silenced
from monitoring.alerting.watch import every
from monitoring.keyset import KeysetPage, Order, Place, read_page
from monitoring.store.times import moment

PAGE = 50


@dataclass(frozen=True)
class AlertRow:
    """An alert in words, with its figure; `link` leads to the offenders."""

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
    lasted_ms: float | None
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    note: str
    silenced_until: datetime | None
    link: str


@dataclass(frozen=True)
class RuleRow:
    """A rule in words; `figures` say what was found at `at`, empty when there was nothing to look at.

    `course` is the worst figure of each minute of the last hour, in `unit`.
    """

    name: str
    level: str
    condition: str
    patience: str
    bad: bool
    figures: str
    subject: str
    at: datetime | None
    course: list[float | None]
    unit: str


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
    """All of it, as of `at`. Every rule was looked at since `looked_at`, `late` when that is too long ago.

    `looked_by` is the process that did last.
    """

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
    newer: str

    @property
    def told(self) -> bool:
        """Whether there is a way to tell anybody."""
        return any(channel.configured for channel in self.channels)

    @property
    def news(self) -> str:
        """The same text as long as the lists of the page's newest alerts are the same, in the same language."""
        listed = (self.firing, self.pending, self.channels, self.silences, self.history[:1])
        return sha256(repr(listed).encode()).hexdigest()[:16]


def report(now: datetime, place: Place) -> AlertReport:
    watch = AlertWatch.objects.first() or AlertWatch(looked_at=moment(0), found={})
    found, last = watch.found.get("rules", {}), looked_at(watch.found)
    current = Alert.objects.exclude(state=Alert.State.RESOLVED).select_related("acknowledged_by")
    silences = list(in_force(now))
    open_alerts = [_row(alert, silences) for alert in current.order_by("level", "-since")]
    past = _history(place)
    return AlertReport(
        at=now,
        looked_at=last if last > moment(0) else None,
        looked_by=watch.found.get("by", {}),
        late=last < now - 4 * every(),
        firing=sorted((row for row in open_alerts if row.state == "firing"), key=_settled),
        pending=[row for row in open_alerts if row.state == "pending"],
        rules=[_rule(rule, found.get(name, {}), now) for name, rule in rules().items()],
        channels=list(channel_states()),
        silences=[_silence(one) for one in reversed(silences)],
        history=[_row(alert, []) for alert in past.rows],
        older=past.before,
        newer=past.after,
    )


def _settled(row: AlertRow) -> bool:
    """What somebody has seen to comes after what nobody has."""
    return row.acknowledged_at is not None or row.silenced_until is not None


def _history(place: Place) -> KeysetPage:
    """What fired and is over, the latest first."""
    over = Alert.objects.filter(state=Alert.State.RESOLVED, fired_at__isnull=False).select_related("acknowledged_by")
    order = Order(Alert._meta.get_field("resolved_at"), descending=True)  # noqa: SLF001
    return read_page(over, order, PAGE, place)


def _row(alert: Alert, silences: Iterable[Silence]) -> AlertRow:
    silence = silenced(alert, silences)
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
        lasted_ms=(alert.resolved_at - alert.since).total_seconds() * 1000 if alert.resolved_at else None,
        told_at=alert.notified_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=alert.acknowledged_by.get_username() if alert.acknowledged_by else "",
        note=alert.note,
        silenced_until=silence.until if silence else None,
        link=_link(alert),
    )


def _link(alert: Alert) -> str:
    """The page with the offenders: of a job its own."""
    name, query = alert.detail.get("link", ""), alert.detail.get("query", "")
    try:
        if alert.kind == "job_failing":
            return reverse("panel:job", args=[alert.subject])
        return f"{reverse(name)}{'?' if query else ''}{query}" if name else ""
    except NoReverseMatch:
        return ""


def _rule(rule: Rule, kept: dict[str, Any], now: datetime) -> RuleRow:
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
        course=_course(kept.get("course", []), now),
        unit=words.unit(rule.kind, worst["detail"] if worst else {}),
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
