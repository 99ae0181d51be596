"""Inserts many plain rows at once, past the ORM: it would cost several times the database's own work."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections
from django.db.models import Model

from monitoring.router import TELEMETRY


def append(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]], using: str = TELEMETRY) -> None:
    """Insert rows of values as the database takes them, in the order of `columns`.

    PostgreSQL copies them in, which is the fastest it knows.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            table, names = _quoted(model, columns)
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(_statement(model, columns), list(rows))


def upsert(
    model: type[Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]], unique: Sequence[str], where: str
) -> None:
    """Insert rows like `append`; one that is there already is replaced if `where`, a condition in SQL, holds for it."""
    quote = connections[TELEMETRY].ops.quote_name
    changes = ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in columns if column not in unique)
    conflict = f"ON CONFLICT ({', '.join(map(quote, unique))}) DO UPDATE SET {changes} WHERE {where}"
    with connections[TELEMETRY].cursor() as cursor:
        cursor.executemany(f"{_statement(model, columns)} {conflict}", list(rows))


def _statement(model: type[Model], columns: Sequence[str]) -> str:
    table, names = _quoted(model, columns)
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - our own names


def _quoted(model: type[Model], columns: Sequence[str]) -> tuple[str, str]:
    quote = connections[TELEMETRY].ops.quote_name
    return quote(model._meta.db_table), ", ".join(quote(column) for column in columns)  # noqa: SLF001
