"""Settings that would harm the desk without a word, found before it starts."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

THROTTLE = "sessions_app.limits.LoginThrottle"


@register(Tags.security)
def check_login_throttle(**_: Any) -> list[CheckMessage]:
    if THROTTLE in settings.MIDDLEWARE:
        return []
    return [
        Error(
            "Logins are not slowed down: anybody may try passwords as fast as the server answers.",
            hint=f"Put {THROTTLE} into MIDDLEWARE.",
            id="sessions_app.E001",
        )
    ]


@register(Tags.database)
def check_sqlite_transactions(**_: Any) -> list[CheckMessage]:
    """Deferred transactions of SQLite fail with "database is locked" when two members of staff press at once."""
    database = settings.DATABASES["default"]
    immediate = database.get("OPTIONS", {}).get("transaction_mode") == "IMMEDIATE"
    if "sqlite" not in database["ENGINE"] or immediate:
        return []
    return [
        Error(
            "Two members of staff who take a customer at the same moment would see an error.",
            hint="Set OPTIONS['transaction_mode'] of the default database to 'IMMEDIATE'.",
            id="sessions_app.E002",
        )
    ]


@register(Tags.security, deploy=True)
def check_client_address(**_: Any) -> list[CheckMessage]:
    if settings.AXES_CLIENT_IP_CALLABLE == "sessions_app.limits.network":
        return []
    return [
        Error(
            "Failed logins are kept with the whole address they came from, or with one that the client wrote itself.",
            hint="Set AXES_CLIENT_IP_CALLABLE to 'sessions_app.limits.network'.",
            id="sessions_app.E003",
        )
    ]


@register(deploy=True)
def check_mail(**_: Any) -> list[CheckMessage]:
    if settings.EMAIL_HOST:
        return []
    return [
        checks.Warning(
            "Mails that tell staff of waiting customers are only printed.",
            hint="Set EMAIL_HOST, or leave it when nobody expects these mails.",
            id="sessions_app.W004",
        )
    ]
