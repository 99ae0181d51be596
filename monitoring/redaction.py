"""Takes secrets out of what goes to a log, the store or an exporter, by the patterns in TELEMETRY_REDACT."""

import logging
import re
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from opentelemetry.util.types import Attributes, AttributeValue

# Where a client's address would stand, in the old and the new names of OpenTelemetry's semantic conventions, and the
# headers that hold it where OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST asks for them.
PERSONAL = {
    *("client.address", "client.port", "network.peer.address", "network.peer.port", "client.socket.address"),
    *("http.client_ip", "net.peer.ip", "net.peer.port", "net.sock.peer.addr", "net.sock.peer.port"),
    *(f"http.request.header.{header}" for header in ("x_forwarded_for", "forwarded", "x_real_ip")),
}

# Parts of the names of what may be a secret, or may tell who somebody is: the values of such arguments are not shown.
SPARED = re.compile(
    "pass|secret|token|key|credential|auth|cookie|name|user|customer|contact|mail|phone|address|topic|note|message|text",
    re.IGNORECASE,
)
HIDDEN = "[redacted]"
LEAST_HIDDEN = 4  # characters of a value that is looked for in a text: shorter ones stand in many words


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), instead) for pattern, instead in settings.TELEMETRY_REDACT)


def redact(text: str) -> str:
    for pattern, instead in patterns():
        text = pattern.sub(instead, text)
    return text


def named(name: str, value: object) -> object:
    """The value of something called `name` as it may be shown, with what its own parts are called in mind."""
    if SPARED.search(name):
        return HIDDEN
    if isinstance(value, dict):
        return {key: named(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [named("", part) for part in value]
    return redact(value) if isinstance(value, str) else value


def without(text: str, values: Iterable[object]) -> str:
    """The text without these values, should it quote them."""
    for value in sorted((str(value) for value in values), key=len, reverse=True):
        text = text.replace(value, HIDDEN) if len(value) >= LEAST_HIDDEN else text
    return text


def public(attributes: Attributes) -> dict[str, AttributeValue]:
    """A span's attributes as they may be kept and sent: without secrets, and without who the client was."""
    return {key: _public(value) for key, value in (attributes or {}).items() if key not in PERSONAL}


def _public(value: AttributeValue) -> AttributeValue:
    return redact(value) if isinstance(value, str) else value


class RedactFilter(logging.Filter):
    """Rewrites a log record's finished message and drops its arguments, so that no handler sees the original."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True
