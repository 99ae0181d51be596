"""Spans that cost little while they are open: OpenTelemetry's API, with the SDK's work put off to the writing thread.

A span holds plain values and is put into the buffer when it ends; `readable()` turns it into the SDK's ReadableSpan,
attributes checked and limits applied, when it is written or exported. Resource, sampler and ids are the SDK's.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import time_ns
from types import TracebackType

from opentelemetry import trace
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Decision, Sampler
from opentelemetry.sdk.util import BoundedList
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState
from opentelemetry.util._decorator import _agnosticcontextmanager  # what the API's own tracers are declared with
from opentelemetry.util.types import Attributes, AttributeValue

from monitoring.tracing.exceptions import exception_event

logger = logging.getLogger(__name__)

RANDOM = TraceFlags.RANDOM_TRACE_ID
FLAGS = tuple(TraceFlags(flags) for flags in range(4))
LOCAL = False  # a context of this process is not remote


class LightSpan(Span):
    def __init__(
        self,
        tracer: "LightTracer",
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: dict[str, AttributeValue],
        links: Sequence[Link],
        started: int,
    ) -> None:
        self.name, self.kind, self.parent, self.start_time = name, kind, parent, started
        self.end_time: int | None = None
        self.attributes = attributes
        self.status = UNSET
        self.record_on_exit = self.status_on_exit = True
        self._tracer, self._context, self._links = tracer, context, links
        self._events: list[tuple[str, Attributes, int]] = []
        self._dropped = 0

    def get_span_context(self) -> SpanContext:
        return self._context

    def is_recording(self) -> bool:
        return self.end_time is None

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        if self.end_time is not None:
            self._too_late("set_attribute")
            return
        attributes, most = self.attributes, self._tracer.most_attributes
        if most is not None and len(attributes) >= most and key not in attributes:
            self._dropped += 1
            attributes.pop(next(iter(attributes), ""), None)
        attributes[key] = tuple(value) if isinstance(value, list) else value

    def set_attributes(self, attributes: Mapping[str, AttributeValue]) -> None:
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        if self.end_time is None or self._too_late("add_event"):
            self._events.append((name, dict(attributes or {}), time_ns() if timestamp is None else timestamp))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        if self.end_time is None or self._too_late("add_link"):
            self._links = [*self._links, Link(context, dict(attributes or {}))]

    def update_name(self, name: str) -> None:
        if self.end_time is None or self._too_late("update_name"):
            self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """OK is final and UNSET changes nothing, as the specification has it."""
        code = status.status_code if isinstance(status, Status) else status
        if (
            (self.end_time is None or self._too_late("set_status"))
            and self.status.status_code is not StatusCode.OK
            and code is not UNSET_CODE
        ):
            self.status = status if isinstance(status, Status) else Status(status, description)

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002 - the API's signature
    ) -> None:
        self.add_event("exception", exception_event(exception, escaped=escaped) | dict(attributes or {}), timestamp)

    def end(self, end_time: int | None = None) -> None:
        if self.end_time is not None:
            logger.warning("Calling end() on an ended span.")
            return
        self.end_time = time_ns() if end_time is None else end_time
        self._tracer.ended(self)

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if error is not None and self.is_recording():
            if self.record_on_exit:
                self.record_exception(error, escaped=True)
            if self.status_on_exit:
                self.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        super().__exit__(_type, error, _traceback)

    def readable(self) -> ReadableSpan:
        """The span as the SDK's exporters know spans."""
        limits = self._tracer.limits
        return ReadableSpan(
            name=self.name,
            context=self._context,
            parent=self.parent,
            resource=self._tracer.resource,
            attributes=bounded(
                limits.max_span_attributes, self.attributes, limits.max_span_attribute_length, self._dropped
            ),
            events=BoundedList.from_seq(limits.max_events, self._read_events(limits)),
            links=BoundedList.from_seq(limits.max_links, self._read_links(limits)),
            kind=self.kind,
            status=self.status,
            start_time=self.start_time,
            end_time=self.end_time,
            instrumentation_scope=self._tracer.scope,
        )

    def _read_events(self, limits: SpanLimits) -> Iterator[Event]:
        for name, attributes, timestamp in self._events:
            yield Event(name, bounded(limits.max_event_attributes, attributes, limits.max_attribute_length), timestamp)

    def _read_links(self, limits: SpanLimits) -> Iterator[Link]:
        for link in self._links:
            if link.context.is_valid or link.attributes or link.context.trace_state:
                attributes = bounded(limits.max_link_attributes, link.attributes, limits.max_attribute_length)
                yield Link(link.context, attributes)

    @staticmethod
    def _too_late(what: str) -> bool:
        logger.warning("Tried calling %s on an ended span.", what)
        return False


def bounded(most: int | None, attributes: Attributes, longest: int | None, dropped: int = 0) -> BoundedAttributes:
    """Attributes with types checked and limits applied; `dropped` were left out before."""
    checked = BoundedAttributes(most, attributes, max_value_len=longest)
    checked.dropped += dropped
    return checked


UNSET_CODE = StatusCode.UNSET
UNSET = Status(UNSET_CODE)


class LightTracer(trace.Tracer):
    def __init__(self, provider: "LightTracerProvider", scope: InstrumentationScope) -> None:
        self.scope, self.resource, self.limits = scope, provider.resource, provider.limits
        self.ended, self._began, self._sampler = provider.ended, provider.began, provider.sampler
        self.most_attributes = provider.limits.max_span_attributes
        self._ids = RandomIdGenerator()

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
        parent: SpanContext | None = trace.get_current_span(context).get_span_context()
        if parent is None or not parent.is_valid:
            parent, trace_id = None, self._ids.generate_trace_id()
        else:
            trace_id = parent.trace_id
        given = dict(attributes) if attributes else {}
        sampled, state = self._sample(context, parent, trace_id, name, kind, given, links)
        flags = FLAGS[sampled | (RANDOM if parent is None else parent.trace_flags & RANDOM)]
        span_context = SpanContext(trace_id, self._ids.generate_span_id(), LOCAL, flags, state)
        if not sampled:
            return trace.NonRecordingSpan(span_context)
        started = time_ns() if start_time is None else start_time
        span = LightSpan(self, name, span_context, parent, kind, given, links or (), started)
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
    """`began` and `ended` are told of each recorded span; sampler and limits are those that the environment names."""

    def __init__(
        self, resource: Resource, began: Callable[[LightSpan], None], ended: Callable[[LightSpan], None]
    ) -> None:
        self.resource, self.began, self.ended = resource, began, ended
        self.limits = SpanLimits()
        self.sampler: Sampler = TracerProvider(shutdown_on_exit=False).sampler

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
