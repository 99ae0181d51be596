"""System checks: settings that would lose data or let jobs run for ever without a word."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004
from django.core.exceptions import ImproperlyConfigured

from monitoring.alerting.channels.post import usable
from monitoring.alerting.channels.webhook import key_of
from monitoring.alerting.kinds import Above
from monitoring.alerting.rules import rules
from monitoring.instruments import declared


@register()
def job_settings(**_kwargs: Any) -> list[CheckMessage]:
    queue: dict[str, Any] = settings.Q_CLUSTER
    found: list[CheckMessage] = []
    if queue["retry"] <= queue["timeout"]:
        found.append(
            Error(
                f"A job is handed out again after {queue['retry']} s while it may run for {queue['timeout']} s.",
                hint="Set JOB_REDELIVERY to more than JOB_TIMEOUT.",
                id="monitoring.E001",
            )
        )
    if not queue.get("ack_failures"):
        found.append(
            Error(
                "A failed job would be handed out for ever.",
                hint='Set "ack_failures": True in Q_CLUSTER: the panel enqueues the next attempt itself.',
                id="monitoring.E002",
            )
        )
    return found


@register()
def telemetry_database(**_kwargs: Any) -> list[CheckMessage]:
    if "telemetry" in settings.DATABASES:
        return []
    return [Error("There is no telemetry database.", hint='Add "telemetry" to DATABASES.', id="monitoring.E003")]


@register(deploy=True)
def metrics_credential(**_kwargs: Any) -> list[CheckMessage]:
    if settings.METRICS_TOKEN or settings.METRICS_PASSWORD:
        return []
    return [
        Warning(
            "Only staff who are logged in can read /metrics.",
            hint="Set METRICS_TOKEN, or METRICS_USERNAME and METRICS_PASSWORD, for Prometheus.",
            id="monitoring.W001",
        )
    ]


@register()
def alert_rules(**_kwargs: Any) -> list[CheckMessage]:
    hint = "Correct it in adminara/alerts.py, or in the setting that it takes its limit from."
    return [Error(text, hint=hint, id="monitoring.E004") for text in _unusable_rules()]


def _unusable_rules() -> Iterator[str]:
    """The first alone where the table cannot be read."""
    try:
        made = rules()
    except ImproperlyConfigured as error:
        yield str(error)
        return
    for rule in made.values():
        if isinstance(rule, Above) and rule.gauge not in declared:
            yield f"The alert rule {rule.name!r} looks at {rule.gauge!r}, a gauge that nobody declares."


@register()
def alert_channels(**_kwargs: Any) -> list[CheckMessage]:
    return [Error(text, hint=hint, id="monitoring.E005") for text, hint in _half_set_channels()]


def _half_set_channels() -> Iterator[tuple[str, str]]:
    """What is wrong, without the settings' values, and what to do."""
    address = settings.ALERT_WEBHOOK_URL
    if address:
        if not usable(address):
            yield "ALERT_WEBHOOK_URL cannot be used.", "It must be an address like https://host/path."
        try:
            key_of(settings.ALERT_WEBHOOK_SECRET)
        except ValueError as error:
            hint = "Set it to whsec_ and at least 24 random bytes in base64."
            yield f"ALERT_WEBHOOK_SECRET cannot be used to sign alerts: {error}.", hint
    if bool(settings.ALERT_TELEGRAM_TOKEN) != bool(settings.ALERT_TELEGRAM_CHAT):
        yield "Of ALERT_TELEGRAM_TOKEN and ALERT_TELEGRAM_CHAT only one is set.", "Set both, or neither."
