"""What a span's attributes say, under whichever of their names the one who recorded it knows."""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.semconv.attributes.code_attributes import CODE_FILE_PATH, CODE_LINE_NUMBER

FILE = (CODE_FILE_PATH, "code.filepath")
LINE = (CODE_LINE_NUMBER, "code.lineno")
STATEMENT = ("db.query.summary", "db.query.text", "db.statement")


def first_of(told: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The first of the keys that has a value, as text; empty when none has."""
    return next((str(told[key]) for key in keys if told.get(key) not in (None, "")), "")


def place(told: Mapping[str, Any]) -> str:
    """The file and the line, such as desk/jobs.py:12; empty where none is told."""
    return ":".join(part for part in (first_of(told, FILE), first_of(told, LINE)) if part)


def statement(told: Mapping[str, Any]) -> str:
    """What was asked of a database, on one line; empty for anything else."""
    return " ".join(first_of(told, STATEMENT).split())
