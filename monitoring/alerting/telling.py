"""When people are told of an alert: once a cooldown, through each channel, until it is acknowledged or silenced."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from django.db import transaction
from django.db.models import Max, QuerySet

from monitoring.alert_models import Alert, Delivery, Silence
from monitoring.alerting.channels import configured
from monitoring.alerting.kinds import Rule
from monitoring.queueing import enqueue

NOTIFY = "monitoring.jobs.notify"


def tell_if_due(pk: int, rule: Rule, now: datetime) -> None:
    """Tell of a firing alert, unless it was told of within the cooldown: it, or one like it that has come and gone."""
    alert = Alert.objects.filter(pk=pk, state=Alert.State.FIRING, acknowledged_at=None).first()
    if alert is None or silenced(alert, in_force(now)):
        return
    alike = Alert.objects.filter(rule=alert.rule, subject=alert.subject)
    last = alike.aggregate(last=Max("notified_at"))["last"]
    if last is not None and now - last < timedelta(seconds=rule.cooldown_s):
        return
    # Whoever else came to the same conclusion has moved `notified_at` by now.
    mine = Alert.objects.filter(pk=pk, state=Alert.State.FIRING, notified_at=alert.notified_at)
    with transaction.atomic():
        if mine.update(notified_at=now):
            tell(alert, "reminder" if alert.notified_at else "firing", now)


def tell_of_the_end(pk: int, now: datetime) -> None:
    """Tell those who were told that it fired; inside the caller's transaction."""
    alert = Alert.objects.get(pk=pk)
    if alert.notified_at is not None and not silenced(alert, in_force(now)):
        tell(alert, "resolved", now)


def tell(alert: Alert | None, event: str, now: datetime) -> list[Delivery]:
    """Hand a message to a job of its own for each channel, so that a dead one holds up no other."""
    made = [ready(alert, event, channel, now) for channel in configured()]
    for delivery in made:
        enqueue(NOTIFY, str(delivery.pk))
    return made


def ready(alert: Alert | None, event: str, channel: str, now: datetime) -> Delivery:
    """A message that waits to be sent."""
    waiting = {"state": Delivery.State.WAITING, "made_at": now, "due_at": now}
    return Delivery.objects.create(alert=alert, event=event, channel=channel, **waiting)


def in_force(now: datetime) -> QuerySet[Silence]:
    """The silences of that moment, the one that lasts longest first."""
    return Silence.objects.filter(until__gt=now).select_related("made_by").order_by("-until")


def silenced(alert: Alert, silences: Iterable[Silence]) -> Silence | None:
    """The first of the silences that an alert falls under."""
    return next((one for one in silences if _fits(one, alert)), None)


def _fits(silence: Silence, alert: Alert) -> bool:
    of_rule = silence.rule in ("", alert.rule)
    return of_rule and (not silence.subject or fnmatchcase(alert.subject, silence.subject))
