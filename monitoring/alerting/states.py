"""Alerts come, fire, and are resolved.

Each change is a conditional UPDATE checked by its row count, and the end commits together with what tells people of it,
so that two who evaluate at once change and tell once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from monitoring.alert_models import Alert
from monitoring.alerting import telling
from monitoring.alerting.kinds import Rule
from monitoring.alerting.look import Finding

State = Alert.State


def settle(rule: Rule, findings: Iterable[Finding], now: datetime) -> None:
    """Make the alerts of a rule what its findings say; a subject without a finding is fine."""
    bad = {finding.subject[:200]: finding for finding in findings if finding.bad}
    known = {alert.subject: alert for alert in open_alerts().filter(rule=rule.name)}
    for subject, finding in bad.items():
        alert = known.get(subject) or _begun(rule, subject, finding, now)
        if alert is not None:
            _still_bad(rule, alert, finding, now)
    for subject, alert in known.items():
        if subject not in bad:
            _fine(rule, alert, now)


def close_orphans(names: Iterable[str], now: datetime) -> None:
    """Alerts of rules that are gone from the settings end without a word."""
    open_alerts().exclude(rule__in=names).update(state=State.RESOLVED, resolved_at=now)


def open_alerts() -> QuerySet[Alert]:
    return Alert.objects.exclude(state=State.RESOLVED)


def _begun(rule: Rule, subject: str, finding: Finding, now: datetime) -> Alert | None:
    """A new alert; None when another process has just begun it."""
    try:
        with transaction.atomic():
            return Alert.objects.create(
                rule=rule.name,
                subject=subject,
                kind=rule.kind,
                level=rule.level,
                state=State.PENDING,
                value=finding.value,
                threshold=finding.threshold,
                detail=_detail(rule, finding),
                since=now,
            )
    except IntegrityError:
        return None


def _detail(rule: Rule, finding: Finding) -> dict[str, object]:
    """What the words about an alert need, also when its rule is changed or gone."""
    return {"what": rule.what, "link": rule.link, "query": rule.query} | finding.detail


def _still_bad(rule: Rule, alert: Alert, finding: Finding, now: datetime) -> None:
    latest = {"value": finding.value, "threshold": finding.threshold, "detail": _detail(rule, finding)}
    Alert.objects.filter(pk=alert.pk).exclude(state=State.RESOLVED).update(fine_since=None, level=rule.level, **latest)
    if alert.state == State.PENDING:
        if now - alert.since < timedelta(seconds=rule.hold_s):
            return
        Alert.objects.filter(pk=alert.pk, state=State.PENDING).update(state=State.FIRING, fired_at=now)
    telling.tell_if_due(alert.pk, rule, now)


def _fine(rule: Rule, alert: Alert, now: datetime) -> None:
    """What never fired is forgotten; what fires must be fine for a while, so that it does not come and go."""
    mine = Alert.objects.filter(pk=alert.pk, state=alert.state)
    if alert.state == State.PENDING:
        mine.delete()
    elif alert.fine_since is None and rule.keep_s:
        mine.filter(fine_since=None).update(fine_since=now)
    elif now - (alert.fine_since or now) >= timedelta(seconds=rule.keep_s):
        with transaction.atomic():
            if mine.update(state=State.RESOLVED, resolved_at=now):
                telling.tell_of_the_end(alert.pk, now)
