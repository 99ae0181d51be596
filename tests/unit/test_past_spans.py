"""What is told afterwards is in the trace it belongs to, and not among the program's operations."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased

from monitoring import current_traceparent, past_span, start_span
from monitoring.models import Span
from monitoring.panel.traces import Filters, traces
from monitoring.store import figures
from monitoring.tracing.setup import Tracing

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sampler(monkeypatch):
    def use(sampler):
        for tracer in (Tracing.tracer, Tracing.past):
            monkeypatch.setattr(tracer, "_sampler", sampler)

    return use


def joined():
    with start_span("join"):
        return current_traceparent()


def stored(telemetry):
    telemetry.flush()
    return {span.name: span for span in Span.objects.all()}


def test_it_has_its_own_times_and_parent(telemetry):
    began, traceparent = now() - MINUTE, joined()
    wait = past_span("wait", began, began + MINUTE, traceparent, {"place": 3})
    past_span("part", began, began + MINUTE / 2, wait, error="refused")
    spans = stored(telemetry)
    join, wait, part = spans["join"], spans["wait"], spans["part"]
    assert {join.trace_id, wait.trace_id, part.trace_id} == {join.trace_id}
    assert (wait.parent_id, part.parent_id) == (join.span_id, wait.span_id)
    assert wait.started_at == began
    assert (wait.duration_ms, part.duration_ms) == (60_000, 30_000)
    assert wait.attributes == {"place": 3}
    assert (wait.status, part.status, part.status_message) == ("unset", "error", "refused")


def test_it_is_not_counted_among_the_programs_operations(telemetry):
    past_span("wait", now() - MINUTE, now(), joined())
    telemetry.flush()
    assert [series.name for series in figures.since_the_beginning(("span",))] == ["join"]


def test_the_list_of_traces_has_what_failed_and_not_how_long_people_took(telemetry):
    past_span("wait", now() - MINUTE, now(), joined())
    past_span("attempt", now() - MINUTE, now(), joined(), error="ice")
    telemetry.flush()
    assert [row.name for row in traces(Filters(least=1_000)).rows] == ["attempt"]
    assert [row.name for row in traces(Filters(status="error")).rows] == ["attempt"]


def test_it_links_to_where_it_was_told(telemetry):
    traceparent = joined()
    with start_span("claim"):
        past_span("wait", now() - MINUTE, now(), traceparent)
    spans = stored(telemetry)
    assert spans["wait"].links == [spans["claim"].trace_id]
    assert spans["join"].trace_id != spans["claim"].trace_id


def test_it_is_not_linked_to_its_own_trace(telemetry):
    with start_span("join"):
        past_span("wait", now() - MINUTE, now(), current_traceparent())
    assert stored(telemetry)["wait"].links == []


def test_it_is_kept_when_the_sampler_chose_its_trace(telemetry, sampler):
    sampler(ParentBased(ALWAYS_ON))
    chosen = joined()
    sampler(ParentBased(ALWAYS_OFF))
    left_out = joined()
    for traceparent in (chosen, left_out):
        past_span("wait", now() - MINUTE, now(), traceparent)
    telemetry.flush()
    assert [span.trace_id for span in Span.objects.filter(name="wait")] == [chosen.split("-")[1]]


def test_what_failed_is_kept_anyway(telemetry, sampler):
    sampler(ParentBased(ALWAYS_OFF))
    past_span("attempt", now() - MINUTE, now(), joined(), error="ice")
    assert list(stored(telemetry)) == ["attempt"]


def test_an_end_before_the_beginning_is_no_time_at_all(telemetry):
    past_span("wait", now(), now() - MINUTE, joined())
    assert stored(telemetry)["wait"].duration_ms == 0


@pytest.mark.parametrize("traceparent", ["", "garbage", f"00-{'0' * 32}-{'0' * 16}-01", "00-" + "g" * 50])
def test_without_a_trace_nothing_is_told(telemetry, traceparent):
    assert past_span("wait", now() - MINUTE, now(), traceparent) == ""
    assert stored(telemetry) == {}


def test_without_tracing_nothing_is_told(telemetry, monkeypatch):
    traceparent = joined()
    monkeypatch.setattr(Tracing, "past", None)
    assert past_span("wait", now() - MINUTE, now(), traceparent) == ""
