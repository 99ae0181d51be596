"""Sends the panel's tables to the telemetry database and everything else to the desk's."""

from typing import Any

from django.db.models import Model

TELEMETRY = "telemetry"
IN_DEFAULT = {"auditentry", "alert", "silence", "delivery", "alertwatch"}


def is_telemetry(app_label: str, model_name: str | None) -> bool:
    return app_label == "monitoring" and model_name not in IN_DEFAULT


class TelemetryRouter:
    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return TELEMETRY if is_telemetry(model._meta.app_label, model._meta.model_name) else None  # noqa: SLF001

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_hints: Any) -> bool | None:
        if model_name is None:
            return None
        return (db == TELEMETRY) == is_telemetry(app_label, model_name)
