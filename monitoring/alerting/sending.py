"""Sends one message through one channel, once, whoever tries: a worker, or the process that looks at the rules."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.timezone import localtime

from monitoring import outcomes
from monitoring.alert_models import Alert, Delivery
from monitoring.alerting.channels import CHANNELS
from monitoring.alerting.channels.errors import NotSent
from monitoring.alerting.messages import message
from monitoring.alerting.telling import NOTIFY
from monitoring.alerting.words import said
from monitoring.queueing import enqueue_at
from monitoring.retries import pause
from monitoring.tracing.operations import start_span

GIVEN_UP_AFTER = timedelta(minutes=1)  # a sender that has not said how it went by then is dead
MOST_ATTEMPTS = 10  # over about half an hour, with the first pause of JOB_RETRY_PAUSE

State = Delivery.State


def due(before: datetime) -> QuerySet[Delivery]:
    """What should have been sent by then, and what somebody took to send and died."""
    waiting = Q(state=State.WAITING, due_at__lte=before)
    left = Q(state=State.SENDING, taken_at__lte=before - GIVEN_UP_AFTER)
    return Delivery.objects.filter(waiting | left)


def deliver(pk: str) -> str:
    """Send a message if it is due; what was done, in a sentence. What was in vain is put on the queue for later.

    It raises nothing of the channel's: an error and its traceback could show an address or a token.
    """
    now = timezone.now()
    taken = due(now).filter(pk=pk).update(state=State.SENDING, taken_at=now, attempts=F("attempts") + 1)
    delivery = Delivery.objects.select_related("alert").filter(pk=pk).first()
    if not taken or delivery is None:
        return outcomes.NOTHING_TO_SEND % {"state": delivery.state if delivery else "gone"}
    if delivery.event in ("firing", "reminder") and _is_over(delivery):
        _end(delivery, State.DROPPED, "over")
        return outcomes.OVER
    return _send(delivery)


def _is_over(delivery: Delivery) -> bool:
    return delivery.alert is not None and delivery.alert.state == Alert.State.RESOLVED


def _send(delivery: Delivery) -> str:
    try:
        with start_span(f"notify.{delivery.channel}", {"alert.event": delivery.event}), _in_their_language():
            CHANNELS[delivery.channel].send(message(delivery))
    except NotSent as error:
        return _failed(delivery, error)
    _end(delivery, State.SENT, "")
    return outcomes.SENT % {"channel": delivery.channel}


def _failed(delivery: Delivery, error: NotSent) -> str:
    """Try again after growing pauses, or when the other side asks for it; a test is not tried again."""
    if error.lasting or delivery.attempts >= MOST_ATTEMPTS or delivery.event == "test":
        _end(delivery, State.FAILED, error.told)
        return outcomes.NOT_SENT % {"why": said(error.told)}
    now = timezone.now()
    again = now + (timedelta(seconds=error.after_s) if error.after_s else pause(delivery.attempts))
    with transaction.atomic():
        waits = {"state": State.WAITING, "said": error.told, "tried_at": now, "due_at": again}
        Delivery.objects.filter(pk=delivery.pk).update(**waits)
        enqueue_at(again, NOTIFY, str(delivery.pk))
    return outcomes.NOT_SENT_YET % {"why": said(error.told), "time": f"{localtime(again):%H:%M:%S}"}


def _end(delivery: Delivery, state: str, told: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, said=told, tried_at=timezone.now())


def _in_their_language() -> translation.override:
    return translation.override(settings.LANGUAGE_CODE)
