"""OpenTelemetry's tracer provider, made of light spans. Resource, sampler and ids are the SDK's."""

import os
from collections.abc import Callable, Iterator, Sequence

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Decision, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, TraceFlags, TraceState
from opentelemetry.util._decorator import _agnosticcontextmanager  # what the API's own tracers are declared with
from opentelemetry.util.types import Attributes, AttributeValue

from monitoring.tracing.span import FLAGS, LightSpan

RANDOM = TraceFlags.RANDOM_TRACE_ID
LOCAL = False  # a context of this process is not remote


class LightTracer(trace.Tracer):
    def __init__(self, provider: "LightTracerProvider", scope: InstrumentationScope) -> None:
        self.scope, self.limits, self._provider = scope, provider.limits, provider
        self.ended, self._began, self._sampler = provider.ended, provider.began, provider.sampler
        self.most_attributes = provider.limits.max_span_attributes
        self._ids = RandomIdGenerator()

    @property
    def resource(self) -> Resource:
        return self._provider.resource

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002 - the API's signature
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
    ) -> Span:
        current = trace.get_current_span(context)
        parent: SpanContext | None = current.get_span_context()
        if parent is None or not parent.is_valid:
            parent, trace_id = None, self._ids.generate_trace_id()
        else:
            trace_id = parent.trace_id
        given = dict(attributes) if attributes else {}
        sampled, state = self._sample(context, parent, trace_id, name, kind, given, links)
        flags = FLAGS[sampled | (RANDOM if parent is None else parent.trace_flags & RANDOM)]
        span_context = SpanContext(trace_id, self._ids.generate_span_id(), LOCAL, flags, state)
        root = current.root or current if type(current) is LightSpan else None
        span = LightSpan(self, name, span_context, parent, root, kind, given, links or (), start_time)
        span.record_on_exit, span.status_on_exit = record_exception, set_status_on_exception
        self._began(span)
        return span

    def _sample(
        self,
        context: Context | None,
        parent: SpanContext | None,
        trace_id: int,
        name: str,
        kind: SpanKind,
        given: dict[str, AttributeValue],
        links: Sequence[Link] | None,
    ) -> tuple[bool, TraceState | None]:
        if self._sampler is DEFAULT_ON:  # as most have it, without the detour
            return parent is None or parent.trace_flags.sampled, parent.trace_state if parent else None
        result = self._sampler.should_sample(context, trace_id, name, kind, given, links)
        given.update(result.attributes or {})
        return result.decision is Decision.RECORD_AND_SAMPLE, result.trace_state

    @_agnosticcontextmanager
    def start_as_current_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002 - the API's signature
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
        end_on_exit: bool = True,  # noqa: FBT001, FBT002
    ) -> Iterator[Span]:
        span = self.start_span(
            name, context, kind, attributes, links, start_time, record_exception, set_status_on_exception
        )
        with trace.use_span(span, end_on_exit, record_exception, set_status_on_exception) as current:
            yield current


class LightTracerProvider(trace.TracerProvider):
    """`began` and `ended` are told of each recorded span; sampler and limits are those that the environment names.

    `resource` tells what the spans come from: after a fork it is asked again, for the child is another process.
    """

    def __init__(
        self, resource: Callable[[], Resource], began: Callable[[LightSpan], None], ended: Callable[[LightSpan], None]
    ) -> None:
        self._resource, self.began, self.ended = resource, began, ended
        self.limits = SpanLimits()
        self.sampler: Sampler = TracerProvider(shutdown_on_exit=False).sampler
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self.resource = self._resource()

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> trace.Tracer:
        return LightTracer(
            self, InstrumentationScope(instrumenting_module_name, instrumenting_library_version, schema_url, attributes)
        )
