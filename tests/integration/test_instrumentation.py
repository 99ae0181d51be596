"""Other people's instrumentation runs on the light provider unchanged: here a database driver's."""

import sqlite3

import pytest
from opentelemetry.instrumentation.dbapi import unwrap_connect, wrap_connect
from opentelemetry.trace import SpanKind, StatusCode

from monitoring import start_span
from monitoring.guard import quiet


@pytest.fixture
def instrumented():
    """SQLite's driver, as OpenTelemetry's instrumentation of database drivers wraps it."""
    wrap_connect("tests", sqlite3, "connect", "sqlite")
    yield
    unwrap_connect(sqlite3, "connect")


def ask(sql):
    connection = sqlite3.connect(":memory:")
    try:
        connection.cursor().execute(sql)
    finally:
        connection.close()


def test_a_drivers_spans_belong_to_the_operation_around_them(telemetry, instrumented):
    with start_span("operation") as operation:
        ask("SELECT 1")
    query, _operation = telemetry._records
    assert (query.name, query.kind, query.root) == ("SELECT", SpanKind.CLIENT, operation)
    assert query.parent == operation.get_span_context()
    assert query.readable().attributes["db.system"] == "sqlite"
    assert "duration_ms" not in query.readable().attributes  # that is told of our own operations


def test_a_drivers_errors_are_its_spans_errors(telemetry, instrumented):
    with pytest.raises(sqlite3.OperationalError):
        ask("SELECT nothing FROM nowhere")
    (query,) = telemetry._records
    assert query.status.status_code is StatusCode.ERROR
    assert [event.name for event in query.events()] == ["exception"]


def test_telemetry_itself_is_not_traced(telemetry, instrumented):
    with quiet("reading"):
        ask("SELECT 1")
    assert not telemetry._records
