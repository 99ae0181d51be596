"""Which traces are kept: the failed, the slow, and what the sampler chose; everything is counted."""

import time

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode, TraceFlags

from monitoring import profiler, start_span
from monitoring.models import Exemplar, Span
from monitoring.recording import record_duration
from monitoring.store import figures, keeping
from monitoring.store.recorder import recorder
from monitoring.tracing.setup import Tracing

pytestmark = pytest.mark.django_db


@pytest.fixture
def sampler(monkeypatch):
    def use(sampler):
        monkeypatch.setattr(Tracing.tracer, "_sampler", sampler)

    use(ParentBased(ALWAYS_OFF))
    return use


def kept():
    return sorted(Span.objects.values_list("name", flat=True))


def counted(kind="span"):
    return {series.name: series.histogram.count for series in figures.since_the_beginning((kind,))}


def visit(*, error=None, slow_ms=0.0, inside="query"):
    """A request with a query inside; `slow_ms` makes the query seem as long as that."""
    try:
        with start_span("request"), start_span(inside) as span:
            if slow_ms:
                span._clock -= int(slow_ms * 1e6)
            if error:
                raise error
    except RuntimeError:
        pass


def test_what_the_sampler_leaves_out_is_counted_all_the_same(telemetry, sampler):
    visit()
    telemetry.flush()
    assert kept() == []
    assert counted() == {"request": 1, "query": 1}


def test_a_failed_trace_is_kept_whole(telemetry, sampler):
    visit(error=RuntimeError("broken"))
    telemetry.flush()
    assert kept() == ["query", "request"]


def test_a_trace_with_something_slow_in_it_is_kept_whole(telemetry, sampler, settings):
    settings.BOTTLENECK_THRESHOLDS = [("query", 500.0)]
    visit(slow_ms=499)
    visit(slow_ms=501)
    telemetry.flush()
    assert kept() == ["query", "request"]
    assert counted() == {"request": 2, "query": 2}


def test_a_slow_measure_keeps_the_trace_it_was_made_in(telemetry, sampler):
    with start_span("request"):
        profiler.record("render", 101)
    telemetry.flush()
    assert kept() == ["request"]
    assert Exemplar.objects.get(series__name="render").trace_id == Span.objects.get().trace_id


def test_the_decision_waits_for_the_end_of_the_local_root(telemetry, sampler):
    with start_span("request") as request:
        with start_span("early"):
            pass
        telemetry.flush()
        assert kept() == []
        request.set_status(StatusCode.ERROR, "late")
    telemetry.flush()
    assert kept() == ["early", "request"]
    assert recorder._keeping._waiting == {}


def test_what_fails_after_its_trace_was_left_out_is_kept(telemetry, sampler):
    with start_span("request"):
        context = trace.set_span_in_context(trace.get_current_span())
    telemetry.flush()
    with pytest.raises(RuntimeError), start_span("afterwards", parent=context):
        raise RuntimeError("broken")
    with start_span("later still", parent=context):
        pass
    telemetry.flush()
    assert kept() == ["afterwards", "later still"]


def test_a_share_of_all_traces_is_kept_whole(telemetry, sampler):
    sampler(ParentBased(TraceIdRatioBased(0.5)))
    for _ in range(200):
        visit()
    telemetry.flush()
    assert 60 < kept().count("request") < 140
    assert kept().count("request") == kept().count("query")
    assert counted()["request"] == 200


def test_another_service_that_keeps_its_trace_has_ours_kept(telemetry, sampler):
    sampler(ParentBased(ALWAYS_OFF))
    for flags, name in ((1, "asked for"), (0, "not asked for")):
        remote = NonRecordingSpan(SpanContext(0xABC, 0xDEF, True, TraceFlags(flags)))
        with start_span(name, parent=trace.set_span_in_context(remote)):
            pass
    telemetry.flush()
    assert kept() == ["asked for"]


def test_what_waits_is_bounded_in_number_and_time(telemetry, sampler, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_WAITING", 10)
    with start_span("connection"):
        for _ in range(50):
            with start_span("message"):
                pass
            telemetry.flush()
        assert recorder._keeping._count <= 10
        monkeypatch.setattr(keeping, "LONGEST_WAIT", -1.0)
        telemetry.flush()
        assert recorder._keeping._count == 0
    telemetry.flush()
    assert counted()["message"] == 50


def test_what_is_exported_says_that_it_was_sampled(telemetry, sampler, monkeypatch):
    class Exporter:
        def __init__(self):
            self.spans = []

        def on_end(self, span):
            self.spans.append(span)

    exporter = Exporter()
    monkeypatch.setattr(Tracing, "processors", [exporter])
    visit()
    visit(error=RuntimeError("broken"))
    telemetry.flush()
    assert [span.context.trace_flags.sampled for span in exporter.spans] == [True, True]


def test_the_slowest_and_the_first_failed_stand_as_examples(telemetry, sampler):
    sampler(ALWAYS_ON)
    for ms in (5, 80, 10, 60, 70, 90, 20):
        with start_span("request"):
            profiler.record("render", ms)
    telemetry.flush()
    examples = Exemplar.objects.filter(series__name="render")
    assert sorted(examples.values_list("duration_ms", flat=True)) == [70, 80, 90]
    for ms in (75, 60):  # one is slower than the third slowest so far
        with start_span("request"):
            profiler.record("render", ms)
    telemetry.flush()
    assert sorted(examples.values_list("duration_ms", flat=True)) == [70, 75, 80, 90]


def test_the_first_failed_stand_as_examples_however_fast_they_were(telemetry, sampler):
    sampler(ALWAYS_ON)
    for ms, ok in [(ms, ms > 10) for ms in (50, 60, 70, 1, 2, 3, 4, 5)]:
        with start_span("request"):
            record_duration("upload", {}, time.time(), ms, ok=ok)
    telemetry.flush()
    examples = Exemplar.objects.filter(series__name="upload").order_by("duration_ms")
    assert list(examples.values_list("duration_ms", "ok")) == [
        *((1, False), (2, False), (3, False)),
        *((50, True), (60, True), (70, True)),
    ]


def test_what_is_measured_outside_a_trace_is_no_example(telemetry):
    profiler.record("render", 500)
    telemetry.flush()
    assert not Exemplar.objects.exists()
