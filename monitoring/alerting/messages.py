"""What is sent of an alert: what, since when, how bad, and where to read more. In the language that is active."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring.alert_models import Alert, Delivery
from monitoring.alerting import words
from monitoring.panel.formatting import duration


@dataclass(frozen=True)
class Message:
    """`id` stays the same when it is sent again. `data` is for machines, `subject` and `text` for people."""

    id: str
    event: str
    at: str
    subject: str
    text: str
    data: dict[str, Any]


def message(delivery: Delivery) -> Message:
    alert, link = delivery.alert, page()
    if alert is None:
        title, lines = _("This is a test of the alerts."), [_("Nothing is wrong.")]
        data: dict[str, Any] = {"alert": None, "title": title}
    else:
        link += f"#alert-{alert.pk}"
        title, lines = words.sentence(alert), list(_lines(alert, delivery.event))
        data = _data(alert, title)
    return Message(
        id=str(delivery.pk),
        event=delivery.event,
        at=delivery.made_at.isoformat(),
        subject=_subject(delivery.event, title),
        text="\n".join([*lines, link]),
        data=data | {"link": link},
    )


def page() -> str:
    return f"{settings.ADMINARA_URL}{reverse('panel:alerts')}"


def _subject(event: str, title: str) -> str:
    texts = {
        "firing": _("AdminAra alert: %(what)s"),
        "reminder": _("AdminAra, still: %(what)s"),
        "resolved": _("AdminAra, over: %(what)s"),
        "test": _("AdminAra: %(what)s"),
    }
    return " ".join((texts[event] % {"what": title}).split())  # a mail's subject is one line


def _lines(alert: Alert, event: str) -> list[str]:
    if event == "resolved":
        lasted = {"since": _moment(alert.since), "until": _moment(alert.resolved_at or timezone.now())}
        return [_("It lasted from %(since)s until %(until)s.") % lasted]
    lasts = duration((timezone.now() - alert.since).total_seconds() * 1000)
    since = _("Since %(since)s (%(time)s).") % {"since": _moment(alert.since), "time": lasts}
    return [words.figures(alert), since, words.remedy(alert)]


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"


def _data(alert: Alert, title: str) -> dict[str, Any]:
    return {
        "alert": alert.pk,
        "rule": alert.rule,
        "subject": alert.subject,
        "level": alert.level,
        "state": alert.state,
        "title": title,
        "value": alert.value,
        "threshold": alert.threshold,
        "since": alert.since.isoformat(),
        "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
    }
