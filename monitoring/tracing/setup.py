"""Starts OpenTelemetry's tracer provider, once per process: a fork inherits it, and its processors start afresh."""

import sys
import threading

from django.conf import settings
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor

from monitoring.store.buffer import buffer
from monitoring.store.records import EndedSpan
from monitoring.tracing.active import active_spans
from monitoring.tracing.exporting import RedactingExporter

NOT_TRACED = "healthz,readyz,metrics,static/"  # asked every few seconds by machines, or dull


class Tracing:
    """The tracer in use: None until the provider is started, and for ever when tracing is switched off."""

    tracer: trace.Tracer | None = None
    provider: TracerProvider | None = None
    lock = threading.Lock()


class StoreProcessor(SpanProcessor):
    """Counts the open spans, and puts the ended ones into the buffer."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002
        active_spans.add(1)

    def on_end(self, span: ReadableSpan) -> None:
        active_spans.add(-1)
        buffer.put(EndedSpan(span))


def init_observability(service_name: str = "") -> trace.Tracer | None:
    """Start tracing as `service_name` (OTEL_SERVICE_NAME unless given); a second call returns the same tracer.

    None when ENABLE_TRACING is off.
    """
    with Tracing.lock:
        if Tracing.tracer is None and settings.ENABLE_TRACING:
            Tracing.provider = _provider(service_name or settings.OTEL_SERVICE_NAME)
            trace.set_tracer_provider(Tracing.provider)
            Tracing.tracer = Tracing.provider.get_tracer("adminara", settings.VERSION)
            DjangoInstrumentor().instrument(excluded_urls=NOT_TRACED)
    return Tracing.tracer


def _provider(service_name: str) -> TracerProvider:
    resource = Resource.create({SERVICE_NAME: service_name, SERVICE_VERSION: settings.VERSION})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(StoreProcessor())
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        provider.add_span_processor(BatchSpanProcessor(RedactingExporter(OTLPSpanExporter())))
    if settings.OTEL_TRACES_EXPORTER == "console":
        provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr, formatter=one_line)))
    return provider


def one_line(span: ReadableSpan) -> str:
    """A span as the console shows it."""
    milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
    context = span.get_span_context()
    trace_id = f"{context.trace_id:032x}" if context else "-"
    return f"span {span.name} {milliseconds:.1f} ms {span.status.status_code.name.lower()} trace={trace_id}\n"


def export_what_waits() -> None:
    """Send what the exporters still hold, for at most two seconds."""
    if Tracing.provider is not None:
        Tracing.provider.force_flush(2_000)
