"""A POST to ALERT_WEBHOOK_URL, signed with ALERT_WEBHOOK_SECRET as Standard Webhooks says (standardwebhooks.com)."""

import base64
import binascii
import hmac
import json
import time
from hashlib import sha256

from django.conf import settings

from monitoring.alerting.channels.errors import NotSent
from monitoring.alerting.channels.post import Answer, host, post
from monitoring.alerting.messages import Message

PREFIX = "whsec_"
LONGEST_WAIT_S = 3600.0


def configured() -> bool:
    return bool(settings.ALERT_WEBHOOK_URL)


def where() -> str:
    """The host; the rest of the address may be a secret."""
    return host(settings.ALERT_WEBHOOK_URL)


def send(message: Message) -> None:
    body = json.dumps({"type": f"alert.{message.event}", "timestamp": message.at, "data": message.data}).encode()
    timestamp = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "user-agent": "AdminAra",
        "webhook-id": message.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature(settings.ALERT_WEBHOOK_SECRET, message.id, timestamp, body)}",
    }
    check(post(settings.ALERT_WEBHOOK_URL, body, headers))


def signature(secret: str, identity: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over id, timestamp and body, in base64. Raises NotSent when there is no key to sign with."""
    try:
        key = key_of(secret)
    except ValueError:
        raise NotSent("webhook_secret", lasting=True) from None
    signed = hmac.new(key, f"{identity}.{timestamp}.".encode() + body, sha256)
    return base64.b64encode(signed.digest()).decode()


def key_of(secret: str) -> bytes:
    """What follows `whsec_` is the key in base64; any other text is the key itself. Raises ValueError for no key."""
    if not secret.startswith(PREFIX):
        key = secret.encode()
    else:
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error as error:
            raise ValueError("what follows whsec_ is not base64") from error
    if not key:
        raise ValueError("it is empty")
    return key


def check(answer: Answer) -> None:
    """Raises NotSent for any answer but one of success."""
    if 200 <= answer.status < 300:
        return
    told = f"status: {answer.status}"
    if answer.status == 429 or (answer.status == 503 and answer.retry_after):
        raise NotSent(told, after_s=seconds(answer.retry_after))
    raise NotSent(told, lasting=answer.status < 500 and answer.status not in (408, 425))


def seconds(retry_after: str) -> float | None:
    """The wait that a Retry-After header asks for; None for none, or for a date."""
    return min(float(retry_after), LONGEST_WAIT_S) if retry_after.isascii() and retry_after.isdigit() else None
