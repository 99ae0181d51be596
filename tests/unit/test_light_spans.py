"""The light provider keeps OpenTelemetry's contract: each scenario runs on it and on the SDK's, and both must agree."""

import logging
import time

import pytest
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
)

from monitoring.tracing.provider import LightTracerProvider

RESOURCE = Resource.create({"service.name": "test"})
REMOTE = SpanContext(0xABC, 0xDEF, True, TraceFlags(TraceFlags.SAMPLED), TraceState([("vendor", "x")]))
UNSAMPLED = SpanContext(0xABC, 0xDEF, True, TraceFlags(0))


def on_light(scenario):
    ended = []
    scenario(LightTracerProvider(lambda: RESOURCE, lambda _span: None, ended.append).get_tracer("test", "1"))
    return [span.readable() for span in ended if span.sampled]


def on_sdk(scenario):
    exporter, provider = InMemorySpanExporter(), TracerProvider(resource=RESOURCE, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    scenario(provider.get_tracer("test", "1"))
    return list(exporter.get_finished_spans())


def told(attributes):
    """Attributes without the stack trace, whose lines name the provider's own files."""
    return {key: value for key, value in (attributes or {}).items() if key != "exception.stacktrace"}


def seen(spans):
    names = {span.context.span_id: span.name for span in spans}
    return [
        {
            "name": span.name,
            "kind": span.kind,
            "parent": names.get(span.parent.span_id, hex(span.parent.span_id)) if span.parent else None,
            "one trace": span.parent is None or span.parent.trace_id == span.context.trace_id,
            "flags": span.context.trace_flags,
            "state": dict(span.context.trace_state),
            "attributes": dict(span.attributes),
            "dropped": (span.dropped_attributes, span.dropped_events, span.dropped_links),
            "status": (span.status.status_code, span.status.description),
            "events": [(event.name, told(event.attributes)) for event in span.events],
            "links": [(link.context.trace_id, dict(link.attributes or {})) for link in span.links],
            "scope": (span.instrumentation_scope.name, span.instrumentation_scope.version),
            "resource": dict(span.resource.attributes),
            "ended": span.end_time >= span.start_time > 0,
        }
        for span in spans
    ]


def nested(tracer):
    with tracer.start_as_current_span("outer", kind=SpanKind.SERVER), tracer.start_as_current_span("inner"):
        pass


def attributes(tracer):
    values = [1, 2]
    span = tracer.start_span("span", attributes={"given": True, "nothing": None, "odd": object()})
    span.set_attributes({"n": 1, "x": 1.5, "text": "ü", "list": values, "mixed": [1, "a"], "bytes": b"raw"})
    span.set_attribute("n", 2)
    span.set_attribute("", "no key")
    values.append(3)
    span.end()


def too_many_attributes(tracer):
    span = tracer.start_span("span", attributes={f"given-{number}": number for number in range(100)})
    for number in range(60):
        span.set_attribute(f"set-{number}", number)
    span.end()


def too_many_events(tracer):
    span = tracer.start_span("span")
    for number in range(200):
        span.add_event(f"event-{number}", {"n": number})
    span.end()


def statuses(tracer):
    for settings in (
        [StatusCode.ERROR],
        [Status(StatusCode.ERROR, "why")],
        [StatusCode.OK, StatusCode.ERROR],
        [StatusCode.ERROR, StatusCode.OK],
        [StatusCode.ERROR, StatusCode.UNSET],
    ):
        span = tracer.start_span("span")
        for status in settings:
            span.set_status(status)
        span.end()
    described = tracer.start_span("described")
    described.set_status(StatusCode.ERROR, "because")
    described.end()


def errors(tracer):
    for options in ({}, {"record_exception": False}, {"set_status_on_exception": False}):
        with pytest.raises(KeyError), tracer.start_as_current_span("current", **options):
            raise KeyError("missing")
        with pytest.raises(KeyError), tracer.start_span("plain", **options):
            raise KeyError("missing")


def recorded_error(tracer):
    span = tracer.start_span("span")
    span.record_exception(ValueError("bad"), {"more": "told"})
    span.end()


def links(tracer):
    nothing = Link(SpanContext(0, 0, False))
    span = tracer.start_span("span", links=[Link(REMOTE, {"why": "batch"}), nothing])
    span.add_link(REMOTE, {"later": 1})
    span.end()


def remote_parent(tracer):
    context = trace.set_span_in_context(NonRecordingSpan(REMOTE))
    tracer.start_span("child", context, SpanKind.CONSUMER, start_time=5).end(9)


def unsampled_parent(tracer):
    context = trace.set_span_in_context(NonRecordingSpan(UNSAMPLED))
    child = tracer.start_span("child", context)
    assert not child.get_span_context().trace_flags.sampled
    assert child.get_span_context().trace_id == UNSAMPLED.trace_id
    child.end()


def renamed_and_left_open(tracer):
    with tracer.start_as_current_span("before", end_on_exit=False) as span:
        span.update_name("after")
    assert span.is_recording()
    span.end()
    assert not span.is_recording()


def touched_after_its_end(tracer):
    span = tracer.start_span("span")
    span.end()
    span.end()
    span.set_attribute("late", 1)
    span.add_event("late")
    span.update_name("late")
    span.set_status(StatusCode.ERROR)


SCENARIOS = [
    *(nested, attributes, too_many_attributes, too_many_events, statuses, errors, recorded_error, links),
    *(remote_parent, unsampled_parent, renamed_and_left_open, touched_after_its_end),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_both_providers_record_the_same(scenario, caplog):
    caplog.set_level(logging.CRITICAL)
    assert seen(on_light(scenario)) == seen(on_sdk(scenario))


@pytest.mark.parametrize(
    ("sampler", "argument"), [("always_off", ""), ("traceidratio", "0.0"), ("parentbased_traceidratio", "1.0")]
)
def test_the_sampler_is_the_one_that_the_environment_names(monkeypatch, sampler, argument):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", argument)
    assert seen(on_light(nested)) == seen(on_sdk(nested))


def test_ids_are_valid_and_never_the_same():
    def many(tracer):
        for _ in range(100):
            tracer.start_span("span").end()

    contexts = [span.context for span in on_light(many)]
    assert all(context.is_valid for context in contexts)
    assert len({context.trace_id for context in contexts}) == len({context.span_id for context in contexts}) == 100


async def test_it_decorates_functions_sync_and_async_like_the_sdk():
    ended = []
    tracer = LightTracerProvider(lambda: RESOURCE, lambda _span: None, ended.append).get_tracer("test")

    @tracer.start_as_current_span("sync")
    def work():
        return 1

    @tracer.start_as_current_span("async")
    async def wait():
        return trace.get_current_span().name

    assert work() == 1
    assert await wait() == "async"
    assert [span.name for span in ended] == ["sync", "async"]


@pytest.mark.parametrize("odd", [10**30, -1, 1.5, "now", None])
def test_a_time_that_no_calendar_has_is_now(odd):
    def scenario(tracer):
        tracer.start_span("span", start_time=odd).end(odd)

    (span,) = on_light(scenario)
    assert abs(span.end_time - time.time_ns()) < 60 * 10**9
    assert 0 <= span.end_time - span.start_time < 10**9
