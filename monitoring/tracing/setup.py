"""Starts OpenTelemetry's tracer provider, once per process: a fork inherits it, and its processors start afresh."""

import sys
import threading
from collections.abc import Iterable, Iterator
from typing import ClassVar

from django.conf import settings
from opentelemetry import trace
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.resources import (
    HOST_NAME,
    PROCESS_PID,
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    SERVICE_VERSION,
    Resource,
)
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor

from monitoring.process import identity
from monitoring.store.buffer import buffer
from monitoring.tracing.active import active_spans
from monitoring.tracing.exporting import RedactingExporter
from monitoring.tracing.provider import LightTracerProvider
from monitoring.tracing.span import OPERATIONS, PAST, LightSpan

NOT_TRACED = "healthz,readyz,metrics,static/"  # asked every few seconds by machines, or dull


class Tracing:
    """The tracer in use: None until the provider is started, and for ever when tracing is switched off.

    `past` is the one for what is told afterwards (monitoring.tracing.past), None likewise.
    `processors` take ended spans to other systems; the writing thread hands them over.
    """

    tracer: trace.Tracer | None = None
    past: trace.Tracer | None = None
    processors: ClassVar[list[SpanProcessor]] = []
    lock = threading.Lock()


def init_observability(service_name: str = "") -> trace.Tracer | None:
    """Start tracing as `service_name` (OTEL_SERVICE_NAME unless given); a second call returns the same tracer.

    None when ENABLE_TRACING is off.
    """
    with Tracing.lock:
        if Tracing.tracer is None and settings.ENABLE_TRACING:
            name = service_name or settings.OTEL_SERVICE_NAME
            provider = LightTracerProvider(lambda: resource(name), active_spans.began, ended)
            Tracing.processors.extend(_processors())
            trace.set_tracer_provider(provider)
            Tracing.tracer = provider.get_tracer(OPERATIONS, settings.VERSION)
            Tracing.past = provider.get_tracer(PAST, settings.VERSION)
            DjangoInstrumentor().instrument(excluded_urls=NOT_TRACED)
    return Tracing.tracer


def resource(service_name: str) -> Resource:
    """What the spans of this process come from, by OpenTelemetry's semantic conventions."""
    return Resource.create(
        {
            SERVICE_NAME: service_name,
            SERVICE_VERSION: settings.VERSION,
            SERVICE_INSTANCE_ID: identity.writer,
            HOST_NAME: identity.host,
            PROCESS_PID: identity.pid,
        }
    )


def ended(span: LightSpan) -> None:
    active_spans.ended(span)
    buffer.put(span)


def _processors() -> Iterator[SpanProcessor]:
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # slow to load

        yield BatchSpanProcessor(RedactingExporter(OTLPSpanExporter()))
    if settings.OTEL_TRACES_EXPORTER == "console":
        yield SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr, formatter=one_line))


def export(spans: Iterable[LightSpan]) -> None:
    """Hand ended spans to the exporters, which do not wait for anything."""
    if Tracing.processors:
        for span in spans:
            readable = span.readable()
            for processor in Tracing.processors:
                processor.on_end(readable)


def one_line(span: ReadableSpan) -> str:
    """A span as the console shows it."""
    milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
    context = span.get_span_context()
    trace_id = f"{context.trace_id:032x}" if context else "-"
    return f"span {span.name} {milliseconds:.1f} ms {span.status.status_code.name.lower()} trace={trace_id}\n"


def export_what_waits() -> None:
    """Send what the exporters still hold: they give up by themselves (OTEL_EXPORTER_OTLP_TIMEOUT, 10 s as it comes)."""
    for processor in Tracing.processors:
        processor.force_flush()
