"""System checks: settings that would lose data or let jobs run for ever without a word."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004


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
    from monitoring.alerting import trial  # its rules' names are declared once the apps are ready

    hint = "Correct it in adminara/alerts.py, or in the setting that it takes its limit from."
    return [Error(text, hint=hint, id="monitoring.E004") for text in trial.of_rules()]


@register()
def alert_channels(**_kwargs: Any) -> list[CheckMessage]:
    from monitoring.alerting import trial

    return [Error(text, hint=hint, id="monitoring.E005") for text, hint in trial.of_channels()]
