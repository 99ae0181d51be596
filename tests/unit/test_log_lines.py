"""Log lines become events of the span in which they were said."""

import logging

import pytest
from opentelemetry import trace

from monitoring import start_span
from monitoring.guard import guard
from monitoring.models import Span
from monitoring.store.buffer import buffer
from monitoring.tracing.log_lines import SpanHandler
from monitoring.tracing.span import LightSpan

logger = logging.getLogger("sessions_app.tests")
TOKEN = "eyJzZXNzaW9uIjoxfQ"


def lines(span):
    return [
        (event.attributes["severity_text"], event.attributes["otel.scope.name"], event.attributes["body"])
        for event in span.events()
        if event.name == "log"
    ]


def test_a_line_belongs_to_the_span_that_is_open():
    with start_span("outer") as outer:
        logger.info("before %s", "noon")
        with start_span("inner") as inner:
            logger.warning("at noon")
    assert lines(outer) == [("INFO", "sessions_app.tests", "before noon")]
    assert lines(inner) == [("WARN", "sessions_app.tests", "at noon")]


def test_details_and_what_libraries_chat_are_left_out():
    with start_span("outer") as outer:
        logger.debug("a detail")
        logging.getLogger("some.library").info("chatter")
        logging.getLogger("some.library").error("it broke")
    assert lines(outer) == [("ERROR", "some.library", "it broke")]


@pytest.mark.django_db
def test_secrets_are_taken_out_on_the_way_to_the_store():
    with start_span("outer") as outer:
        logger.info("opened /s/%s and searched ?q=Cemile", TOKEN)
    assert lines(outer)[0][2] == "opened /s/[redacted] and searched ?q=[redacted]"
    buffer.flush()
    (event,) = Span.objects.get(name="outer").events
    assert event["name"] == "log"
    assert event["at_ms"] >= 0
    assert TOKEN not in str(event)


def test_the_traceback_is_not_told_again():
    with start_span("outer") as outer:
        try:
            int("nothing works")
        except ValueError:
            logger.exception("It failed.")
    assert lines(outer) == [("ERROR", "sessions_app.tests", "It failed.")]
    assert "Traceback" not in str([dict(event.attributes) for event in outer.events()])


def test_a_talkative_span_keeps_the_last_lines_and_a_long_one_its_beginning():
    with start_span("outer") as outer:
        for number in range(300):
            logger.info("line %d", number)
        logger.info("x" * 10_000)
    told = lines(outer)
    assert len(told) == 128
    assert (told[-2][2], len(told[-1][2])) == ("line 299", 2_000)


def test_without_a_span_or_after_its_end_a_line_is_only_logged(monkeypatch):
    logger.info("nobody listens")
    with start_span("outer") as outer:
        pass
    complaints = []
    monkeypatch.setattr(LightSpan, "_too_late", complaints.append)
    with trace.use_span(outer):
        logger.info("too late")
    assert lines(outer) == complaints == []


def test_a_line_that_cannot_be_put_together_harms_nobody():
    guard.strict = False
    with start_span("outer") as outer:
        SpanHandler().handle(logging.makeLogRecord({"msg": "%d lines", "args": ("three",), "levelno": logging.INFO}))
    assert guard.failures["adding a log line to a trace"] == 1
    assert [line for line in lines(outer) if "lines" in line[2] and "Telemetry" not in line[2]] == []
