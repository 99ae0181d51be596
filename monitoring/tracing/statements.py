"""What the program asks of its database: counted on the span that is open, and a span of its own where it was slow.

A statement that took SLOW_QUERY_MS or longer, or failed, becomes a child span that tells what was asked and from which
line of the project. Its parameters are never told, nor what the database said of them. The telemetry's own statements
are left alone.
"""

import re
import sys
from collections.abc import Callable
from time import perf_counter_ns, time_ns
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.semconv.attributes.db_attributes import (
    DB_COLLECTION_NAME,
    DB_OPERATION_NAME,
    DB_QUERY_TEXT,
    DB_RESPONSE_STATUS_CODE,
    DB_SYSTEM_NAME,
)
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from monitoring.guard import harmless, said
from monitoring.redaction import redact
from monitoring.router import TELEMETRY
from monitoring.tracing.places import innermost
from monitoring.tracing.setup import Tracing
from monitoring.tracing.span import LightSpan

LONGEST = 2_000  # characters of a statement that are told
LITERAL = re.compile(r"'(?:[^']|'')*'")
NAME = r'["`]?(?:\w+["`]?\.["`]?)?(\w+)["`]?'
COLLECTION = re.compile(rf"\b(?:FROM|INTO|UPDATE|TABLE|JOIN)\s+(?:ONLY\s+|IF\s+(?:NOT\s+)?EXISTS\s+)?{NAME}", re.I)
OPERATION = re.compile(r"(?:[\s(]|--[^\n]*\n|/\*.*?\*/)*(\w+)", re.S)

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def watch_connections() -> None:
    """Watch the statements of every connection that is open, or will be."""
    connection_created.connect(_created, dispatch_uid="monitoring.statements")
    for connection in connections.all(initialized_only=True):
        _created(connection=connection)


def _created(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    if connection.alias != TELEMETRY and watched not in connection.execute_wrappers:
        connection.execute_wrappers.append(watched)


def watched(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001
    """Have a statement executed, as one of Django's execute wrappers."""
    span = get_current_span()
    if type(span) is not LightSpan:
        return execute(sql, params, many, context)
    began, failed = perf_counter_ns(), None
    try:
        return execute(sql, params, many, context)
    except Exception as error:
        failed = error
        raise
    finally:
        took = perf_counter_ns() - began
        span.queries += 1
        span.query_ns += took
        if failed is not None or took >= settings.SLOW_QUERY_MS * 1_000_000:
            _tell(sql, took, failed, context["connection"].vendor)


def _tell(sql: str, took: int, failed: Exception | None, vendor: str) -> None:
    """Make the span of a statement that has just ended; `took` in nanoseconds."""
    with harmless("tracing a statement"):
        if Tracing.tracer is None or not is_instrumentation_enabled():
            return
        ended, told = time_ns(), description(said(sql))
        name = " ".join(told[part] for part in (DB_OPERATION_NAME, DB_COLLECTION_NAME) if part in told)
        span = Tracing.tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes={**told, DB_SYSTEM_NAME: vendor}, start_time=ended - took
        )
        if type(span) is LightSpan:
            span.place = innermost(sys._getframe(2))  # noqa: SLF001 - of whoever had the statement executed
        if failed is not None:
            span.set_attributes({"status": "error", **_failure(failed)})
            span.set_status(StatusCode.ERROR, type(failed).__name__)
        span.end(ended)


def description(sql: str) -> dict[str, str]:
    """What a statement does, to which table, and its text without any value, as the semantic conventions have it."""
    found, table = OPERATION.match(sql), COLLECTION.search(sql)
    operation = found[1].upper() if found else "SQL"
    if operation == "WITH" and (verb := re.search(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", sql, re.I)):
        operation = verb[1].upper()
    text = redact(LITERAL.sub("?", sql[: 2 * LONGEST]))[:LONGEST]
    return {DB_OPERATION_NAME: operation, DB_QUERY_TEXT: text} | ({DB_COLLECTION_NAME: table[1]} if table else {})


def _failure(error: Exception) -> dict[str, str]:
    """Which error it was, without its message: that may hold a value."""
    code = getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "sqlite_errorname", None)
    return {ERROR_TYPE: type(error).__name__} | ({DB_RESPONSE_STATUS_CODE: str(code)} if code else {})
