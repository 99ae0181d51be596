"""When people are told of an alert: once a cooldown, through each channel, until it is acknowledged or silenced."""

from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from django.db import transaction
from django.db.models import Max, Q

from monitoring.alert_models import Alert, Delivery, Silence
from monitoring.alerting.channels import configured
from monitoring.alerting.kinds import Rule
from monitoring.queueing import enqueue

NOTIFY = "monitoring.jobs.notify"


def tell_if_due(pk: int, rule: Rule, now: datetime) -> None:
    """Tell of a firing alert, unless it was told of within the cooldown: it, or one like it that has come and gone."""
    alert = Alert.objects.filter(pk=pk, state=Alert.State.FIRING, acknowledged_at=None).first()
    if alert is None or silenced(alert.rule, alert.subject, now):
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
    if alert.notified_at is not None and not silenced(alert.rule, alert.subject, now):
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


def silenced(rule: str, subject: str, now: datetime) -> Silence | None:
    """The silence in force that an alert falls under, the longest one."""
    in_force = Silence.objects.filter(Q(rule="") | Q(rule=rule), until__gt=now).order_by("-until")
    return next((one for one in in_force if not one.subject or fnmatchcase(subject, one.subject)), None)
