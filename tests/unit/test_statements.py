"""Database statements inside traces: counted, and told where they were slow or failed."""

import linecache

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, connections, transaction
from opentelemetry.trace import SpanKind

from monitoring import start_span
from monitoring.guard import guard
from monitoring.models import Series
from monitoring.router import TELEMETRY
from monitoring.store.buffer import buffer
from monitoring.tracing.span import LightSpan
from monitoring.tracing.statements import description, watch_connections, watched
from tests import planted

pytestmark = pytest.mark.django_db
SECRET = "whom nobody may know"


@pytest.fixture
def every_statement(settings):
    settings.SLOW_QUERY_MS = 0


@pytest.fixture
def no_statement(settings):
    settings.SLOW_QUERY_MS = 3_600_000


def ended() -> dict[str, LightSpan]:
    return {record.name: record for record in buffer._records if isinstance(record, LightSpan)}


def told(span: LightSpan) -> dict[str, object]:
    return dict(span.readable().attributes or {})


def test_a_span_counts_its_statements_and_their_time(no_statement):
    with start_span("outer"):
        Group.objects.count()
        with start_span("inner"):
            Group.objects.count()
            Group.objects.exists()
    with start_span("none"):
        pass
    spans = ended()
    assert [told(spans[name]).get("query.count") for name in ("outer", "inner", "none")] == [1, 2, None]
    assert 0 < told(spans["inner"])["query.time_ms"] < spans["inner"].duration_ms


def test_a_slow_statement_is_a_span_that_names_its_line(every_statement):
    with start_span("outer") as outer:
        planted.count_up(10)
    spans = ended()
    statement, around = spans["SELECT auth_group"], spans["planted.count_up"]
    assert (statement.kind, statement.parent) == (SpanKind.CLIENT, around.get_span_context())
    assert statement.get_span_context().trace_id == outer.get_span_context().trace_id
    assert around.start_time <= statement.start_time <= statement.end_time <= around.end_time
    attributes = told(statement)
    line = linecache.getline(planted.__file__, attributes.pop("code.line.number"))
    assert "cursor.execute(COUNTING" in line
    assert attributes.pop("duration_ms") == statement.duration_ms
    assert attributes == {
        "status": "success",
        "db.system.name": connection.vendor,
        "db.operation.name": "SELECT",
        "db.collection.name": "auth_group",
        "db.query.text": planted.COUNTING,
        "code.file.path": "tests/planted.py",
        "code.function.name": "tests.planted.count_up",
    }


def test_only_what_took_long_is_a_span(settings):
    settings.SLOW_QUERY_MS = 15
    with start_span("outer"):
        Group.objects.filter(pk=-1).first()
        planted.count_up()
    assert [name for name in ended() if name.startswith("SELECT")] == ["SELECT auth_group"]


def test_a_failed_statement_is_a_span_without_any_value(no_statement):
    User.objects.create(username=SECRET)
    with start_span("outer"), pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username=SECRET)
    span = ended()["INSERT auth_user"]
    attributes = told(span)
    assert span.failed
    assert (attributes["status"], attributes["error.type"]) == ("error", "IntegrityError")
    assert attributes["db.response.status_code"]
    assert SECRET not in f"{attributes}{span.status.description}{span.events()}"


def test_no_value_is_told_even_if_it_stands_in_the_statement(every_statement):
    with start_span("outer"), connection.cursor() as cursor:
        cursor.execute(f"SELECT username FROM auth_user WHERE email = '{SECRET}' OR email = %s", [SECRET])
    text = told(ended()["SELECT auth_user"])["db.query.text"]
    assert text == "SELECT username FROM auth_user WHERE email = ? OR email = %s"


def test_without_a_span_nothing_is_told(every_statement):
    Group.objects.count()
    assert ended() == {}


def test_the_telemetrys_own_statements_are_left_alone(every_statement):
    with start_span("outer") as outer:
        Series.objects.count()
    assert outer.queries == 0
    assert list(ended()) == ["outer"]
    assert watched not in connections[TELEMETRY].execute_wrappers


def test_a_connection_is_watched_once_however_often_it_is_opened(every_statement):
    watch_connections()
    watch_connections()
    with start_span("outer") as outer:
        Group.objects.count()
    assert connection.execute_wrappers.count(watched) == 1
    assert outer.queries == 1


def test_the_program_gets_its_answer_when_telling_fails(every_statement, monkeypatch):
    def broken(_sql):
        raise RuntimeError("telling failed")

    guard.strict = False
    monkeypatch.setattr("monitoring.tracing.statements.description", broken)
    with start_span("outer"):
        assert Group.objects.filter(pk=-1).count() == 0
    assert guard.failures["tracing a statement"] == 1


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ('SELECT "a"."b" FROM "desk"."queue" WHERE 1', "SELECT queue"),
        ("  select 1", "SELECT"),
        ('INSERT INTO "sessions_app_queueentry" ("id") VALUES (%s)', "INSERT sessions_app_queueentry"),
        ('UPDATE "t" SET "x" = %s', "UPDATE t"),
        ("DELETE FROM ONLY t WHERE id IN (SELECT id FROM u)", "DELETE t"),
        ("/* who */ -- why\n (SELECT * FROM `t`)", "SELECT t"),
        ("WITH x AS (SELECT 1 FROM t) SELECT * FROM x", "SELECT t"),
        ("SAVEPOINT s1", "SAVEPOINT"),
        ("CREATE TABLE IF NOT EXISTS t (id)", "CREATE t"),
        ("", "SQL"),
        ("?!", "SQL"),
    ],
)
def test_a_statement_is_named_after_what_it_does_and_to_which_table(sql, name):
    told = description(sql)
    assert " ".join(str(told[key]) for key in ("db.operation.name", "db.collection.name") if key in told) == name


def test_a_long_statement_is_cut():
    assert len(str(description("SELECT " + "x, " * 100_000)["db.query.text"])) == 2_000


def test_a_customers_link_in_a_statement_is_taken_out():
    assert "secret" not in str(description("SELECT 1 -- /s/secret-token")["db.query.text"])
