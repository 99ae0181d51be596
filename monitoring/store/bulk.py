"""Inserts many plain rows at once, past the ORM: it would cost several times the database's own work."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections
from django.db.models import Model

from monitoring.router import TELEMETRY


def insert(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of values as the database takes them, in the order of `columns`; those there already stay."""
    table, names = _quoted(model, columns)
    places = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    with connections[TELEMETRY].cursor() as cursor:
        cursor.executemany(sql, list(rows))


def append(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows that cannot be there already: PostgreSQL copies them in, which is the fastest it knows."""
    connection = connections[TELEMETRY]
    if connection.vendor != "postgresql":
        insert(model, columns, rows)
        return
    table, names = _quoted(model, columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _quoted(model: type[Model], columns: Sequence[str]) -> tuple[str, str]:
    quote = connections[TELEMETRY].ops.quote_name
    return quote(model._meta.db_table), ", ".join(quote(column) for column in columns)  # noqa: SLF001
