"""System checks of what is still embedded, and of what that does not carry."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register


def embedded_news() -> bool:
    """Whether web processes cannot tell each other news: the channel layer lives in the memory of one."""
    return "InMemory" in str(settings.CHANNEL_LAYERS["default"]["BACKEND"])


@register()
def several_web_processes(**_kwargs: Any) -> list[CheckMessage]:
    if settings.WEB_PROCESSES == 1 or not embedded_news():
        return []
    return [
        Error(
            f"{settings.WEB_PROCESSES} web processes cannot tell each other news: calls between people on different "
            "ones would not come about.",
            hint="Set REDIS_URL, or WEB_PROCESSES to 1.",
            id="monitoring.E006",
        )
    ]


@register(deploy=True)
def what_is_embedded(**_kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        text = "The databases are SQLite files: everything must run on this machine, and one process writes at a time."
        found.append(Info(text, hint="DATABASE_URL moves them to PostgreSQL.", id="monitoring.I001"))
    if embedded_news():
        text = "News and limits are kept in the memory of the web server: there may be one web process."
        found.append(Info(text, hint="REDIS_URL shares them among any number.", id="monitoring.I002"))
    return found
