"""The ways in which people are told: each is on when its settings are there."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from monitoring.alerting.channels import mail, telegram, webhook
from monitoring.alerting.messages import Message


class Channel(NamedTuple):
    """`send` raises NotSent; `where` says what may be shown of the receiver; `settings` name what turns it on.

    `title` is a message id.
    """

    title: str
    configured: Callable[[], bool]
    send: Callable[[Message], None]
    where: Callable[[], str]
    settings: str


CHANNELS = {
    "email": Channel(_("e-mail"), mail.configured, mail.send, mail.where, "ALERT_EMAILS"),
    "webhook": Channel(
        _("webhook"), webhook.configured, webhook.send, webhook.where, "ALERT_WEBHOOK_URL, ALERT_WEBHOOK_SECRET"
    ),
    "telegram": Channel(
        _("Telegram"), telegram.configured, telegram.send, telegram.where, "ALERT_TELEGRAM_TOKEN, ALERT_TELEGRAM_CHAT"
    ),
}


def configured() -> list[str]:
    return [name for name, channel in CHANNELS.items() if channel.configured()]
