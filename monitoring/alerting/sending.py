"""Sends one message through one channel, once, whoever tries: a worker, or the process that looks at the rules."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.timezone import localtime

from monitoring.alert_models import Alert, Delivery
from monitoring.alerting import channels
from monitoring.alerting.channels.errors import NotSent
from monitoring.alerting.later import enqueue_at
from monitoring.alerting.messages import message
from monitoring.alerting.telling import NOTIFY
from monitoring.alerting.words import said
from monitoring.retries import pause
from monitoring.tracing.operations import start_span

GIVEN_UP_AFTER = timedelta(minutes=1)  # a sender that has not said how it went by then is dead
MOST_ATTEMPTS = 10  # over about half an hour
EARLY = timedelta(seconds=2)  # that a job may come before its time

State = Delivery.State


def deliver(pk: str) -> str:
    """Send a message unless it is sent; what was done, in a sentence. Raises NotSent for what is worth another try."""
    now = timezone.now()
    delivery = Delivery.objects.select_related("alert").filter(pk=pk).first()
    if delivery is None:
        return "There is no such message any more."
    if delivery.state == State.WAITING and delivery.due_at > now + EARLY:
        enqueue_at(delivery.due_at, NOTIFY, pk)
        return f"Not yet: it goes on at {_clock(delivery.due_at)}."
    if not _take(delivery, now):
        return f"Nothing to do: the message is {delivery.state}."
    if delivery.event in ("firing", "reminder") and _is_over(delivery):
        _end(delivery, State.DROPPED, "over")
        return "Not sent: it was over before it could be sent."
    return _send(delivery)


def _take(delivery: Delivery, now: datetime) -> bool:
    """Make it this process' to send; False when it is another's, or done."""
    left = Q(state=State.SENDING, taken_at__lte=now - GIVEN_UP_AFTER)
    free = Delivery.objects.filter(Q(state=State.WAITING) | left, pk=delivery.pk)
    taken = free.update(state=State.SENDING, taken_at=now, attempts=F("attempts") + 1)
    delivery.refresh_from_db(fields=["state", "attempts"])
    return bool(taken)


def _is_over(delivery: Delivery) -> bool:
    return delivery.alert is not None and delivery.alert.state == Alert.State.RESOLVED


def _send(delivery: Delivery) -> str:
    try:
        with start_span(f"notify.{delivery.channel}", {"alert.event": delivery.event}), _in_their_language():
            channels.CHANNELS[delivery.channel].send(message(delivery))
    except NotSent as error:
        return _failed(delivery, error)
    _end(delivery, State.SENT, "")
    return f"Sent by {delivery.channel}."


def _failed(delivery: Delivery, error: NotSent) -> str:
    now, last = timezone.now(), delivery.attempts >= MOST_ATTEMPTS or delivery.event == "test"
    if error.lasting or last:
        _end(delivery, State.FAILED, error.told)
        if error.lasting:
            return f"Not sent: {said(error.told)}"
        raise error
    wait = timedelta(seconds=error.after_s) if error.after_s else pause(delivery.attempts)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=State.WAITING, said=error.told, tried_at=now, due_at=now + wait
    )
    if error.after_s is None:
        raise error
    enqueue_at(now + wait, NOTIFY, str(delivery.pk))
    return f"Not sent yet: {said(error.told)} It goes on at {_clock(now + wait)}."


def _end(delivery: Delivery, state: str, told: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, said=told, tried_at=timezone.now())


def _clock(at: datetime) -> str:
    return f"{localtime(at):%H:%M:%S}"


def _in_their_language() -> translation.override:
    return translation.override(settings.LANGUAGE_CODE)
