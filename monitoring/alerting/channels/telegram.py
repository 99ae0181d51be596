"""A message by Telegram's Bot API (core.telegram.org/bots/api#sendmessage). Its address holds the bot's token."""

import json
from typing import Any

from django.conf import settings

from monitoring.alerting.channels.errors import NotSent
from monitoring.alerting.channels.post import Answer, host, post
from monitoring.alerting.messages import Message

LONGEST = 4096  # characters of a message
LONGEST_WAIT_S = 3600.0
# What trying again does not mend, by the status, and what is said of it.
LASTING = {400: "telegram_chat", 401: "telegram_token", 403: "telegram_forbidden", 404: "telegram_token"}


def configured() -> bool:
    return bool(settings.ALERT_TELEGRAM_TOKEN and settings.ALERT_TELEGRAM_CHAT)


def where() -> str:
    return host(settings.ALERT_TELEGRAM_URL)


def send(message: Message) -> None:
    wanted = {
        "chat_id": settings.ALERT_TELEGRAM_CHAT,
        "text": f"{message.subject}\n\n{message.text}"[:LONGEST],
        "link_preview_options": {"is_disabled": True},
    }
    url = f"{settings.ALERT_TELEGRAM_URL}/bot{settings.ALERT_TELEGRAM_TOKEN}/sendMessage"
    check(post(url, json.dumps(wanted).encode(), {"content-type": "application/json"}))


def check(answer: Answer) -> None:
    """Raises NotSent for anything but Telegram's `"ok": true`."""
    said = told_by(answer)
    if answer.status == 200 and said.get("ok") is True:
        return
    description = str(said.get("description", "")).replace(settings.ALERT_TELEGRAM_TOKEN, "***")[:200]
    if answer.status == 429:
        raise NotSent("status: 429", after_s=seconds(said))
    if answer.status in LASTING:
        raise NotSent(f"{LASTING[answer.status]}: {description or answer.status}", lasting=True)
    if answer.status == 200:
        raise NotSent("telegram_other", lasting=True)
    raise NotSent(f"status: {answer.status}", lasting=answer.status < 500)


def told_by(answer: Answer) -> dict[str, Any]:
    """The answer's object; an empty one when it is none, as from a proxy on the way."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def seconds(said: dict[str, Any]) -> float | None:
    """How long Telegram asks to wait; None when it does not say."""
    parameters = said.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return min(float(wait), LONGEST_WAIT_S) if isinstance(wait, int | float) and wait > 0 else None
