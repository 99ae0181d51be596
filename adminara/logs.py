"""The log: one line each on standard error and in the span it was said in, without what must not be read there."""

from logging import LogRecord
from typing import Any


def in_short(record: LogRecord) -> bool:
    """For what is said again and again, as while Redis is away: what happened, without the way through the code."""
    if record.exc_info:
        record.msg, record.args, record.exc_info = f"{record.getMessage()} {record.exc_info[1]}", (), None
    return True


def logging(level: str) -> dict[str, Any]:
    """Django's LOGGING; `level` is that of the program's own loggers, while others warn."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "in_short": {"()": "django.utils.log.CallbackFilter", "callback": in_short},
            "redact": {"()": "monitoring.redaction.RedactFilter"},
            # Answers that a person gets and can act on are no warnings: taken by somebody else, typed wrongly, too
            # fast, while the desk is closed or full (503; who asks whether the server is ready, reads why it is not).
            "not_answered": {
                "()": "django.utils.log.CallbackFilter",
                "callback": lambda record: getattr(record, "status_code", 0) not in {409, 410, 422, 429, 503},
            },
        },
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["not_answered", "redact"]},
            "span": {"class": "monitoring.tracing.log_lines.SpanHandler", "level": "INFO"},
        },
        "root": {"handlers": ["stderr", "span"], "level": "WARNING"},
        "loggers": {
            name: {"handlers": ["stderr", "span"], "level": level, "propagate": False}
            for name in ("django", "monitoring", "sessions_app", "django-q")
        }
        | {name: {"filters": ["in_short"]} for name in ("channels_redis.pubsub", "django.security.DisallowedHost")},
    }
