"""On PostgreSQL the telemetry's tables have a schema of their own, which is there before the first migration."""

from typing import Any

from django.db import connections

from monitoring.router import TELEMETRY


def make_schema(using: str, **_kwargs: Any) -> None:
    """Answers Django's `pre_migrate`, so that every way to migrate makes the schema: prepare, migrate, tests."""
    connection = connections[using]
    if using == TELEMETRY and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA IF NOT EXISTS telemetry")
