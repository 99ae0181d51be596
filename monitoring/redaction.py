"""Takes secrets out of text on its way to a log, a span or an exporter, by the patterns in TELEMETRY_REDACT."""

import logging
import re
from functools import cache

from django.conf import settings


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), instead) for pattern, instead in settings.TELEMETRY_REDACT)


def redact(text: str) -> str:
    for pattern, instead in patterns():
        text = pattern.sub(instead, text)
    return text


class RedactFilter(logging.Filter):
    """Rewrites a log record's finished message and drops its arguments, so that no handler sees the original."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True
