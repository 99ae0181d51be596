"""Spans that cost little while they are open: OpenTelemetry's API, with the SDK's work put off to the writing thread.

A span holds plain values and is put into the buffer when it ends; `readable()` turns it into the SDK's ReadableSpan,
attributes checked and limits applied, when it is exported. Every span is recorded, whatever the sampler says, because
counts are never sampled; which traces are kept is decided when they have ended (monitoring.store.keeping).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter_ns, time_ns
from types import TracebackType
from typing import TYPE_CHECKING

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits
from opentelemetry.sdk.util import BoundedList
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.util.types import Attributes, AttributeValue

from monitoring.guard import attempted, said
from monitoring.tracing.exceptions import exception_event
from monitoring.tracing.places import Place
from monitoring.tracing.places import in_words as place_in_words

if TYPE_CHECKING:
    from monitoring.tracing.provider import LightTracer

logger = logging.getLogger(__name__)

FLAGS = tuple(TraceFlags(flags) for flags in range(4))
UNSET_CODE, ERROR_CODE = StatusCode.UNSET, StatusCode.ERROR
UNSET = Status(UNSET_CODE)
OPERATIONS = "adminara"  # the scope of start_span and traced
PAST = "adminara.past"  # the scope of past_span
LATEST = 2**62  # nanoseconds since the epoch: the year 2116
PLAIN = {str, int, float, bool}


def plausible(given: int | None) -> int | None:
    """A moment that the caller gives in nanoseconds since the epoch, unless no calendar has it."""
    return given if type(given) is int and 0 <= given < LATEST else None


class LightSpan(Span):
    """A span of this process.

    `root` is the first span of the same trace in this process, None for that one itself. `sampled` is the sampler's
    word; `worth_keeping` and `decided` are what the writing thread notes on a root. `place` is where in the code the
    operation stands; `queries` counts the statements that it sent to the database, which took `query_ns` nanoseconds.
    """

    __slots__ = (
        *("_clock", "_context", "_dropped", "_events", "_links", "_tracer", "attributes", "decided", "end_time"),
        *("kind", "name", "parent", "place", "queries", "query_ns", "record_on_exit", "root", "sampled", "start_time"),
        *("status", "status_on_exit", "worth_keeping"),
    )

    def __init__(
        self,
        tracer: "LightTracer",
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        root: "LightSpan | None",
        kind: SpanKind,
        attributes: dict[str, AttributeValue],
        links: Sequence[Link],
        started: int | None,
    ) -> None:
        self.name = name if type(name) is str else said(name)
        self.kind, self.parent, self.root, self.attributes = kind, parent, root, attributes
        self._tracer, self._context, self._links = tracer, context, links
        self.end_time: int | None = None
        self.status = UNSET
        self.record_on_exit = self.status_on_exit = True
        self.sampled: bool = context.trace_flags.sampled
        self.worth_keeping = self.decided = False
        self.place: Place | None = None
        self.queries = self.query_ns = 0
        self._events: BoundedList[tuple[str, Attributes, int]] | None = None  # made when there is one
        self._dropped = 0
        given = plausible(started)
        self._clock = perf_counter_ns() if given is None else None
        self.start_time = time_ns() if given is None else given

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
            if self._events is None:
                self._events = BoundedList(self._tracer.limits.max_events)
            self._events.append((name, dict(attributes or {}), time_ns() if timestamp is None else timestamp))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        if self.end_time is None or self._too_late("add_link"):
            self._links = [*self._links, Link(context, dict(attributes or {}))]

    def update_name(self, name: str) -> None:
        if self.end_time is None or self._too_late("update_name"):
            self.name = name if type(name) is str else said(name)

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
        given = plausible(end_time)
        self.end_time = self._now() if given is None else given
        self._tracer.ended(self)

    def _now(self) -> int:
        """The end of a span that ends now: the wall clock may have been set meanwhile, the monotonic one goes on."""
        if self._clock is None:
            return max(self.start_time, time_ns())
        return self.start_time + perf_counter_ns() - self._clock

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if error is not None and self.is_recording():
            if self.record_on_exit:
                self.record_exception(error, escaped=True)
            if self.status_on_exit:
                self.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        super().__exit__(_type, error, _traceback)

    @property
    def local_root(self) -> "LightSpan":
        """The first span of this trace in this process."""
        return self.root or self

    @property
    def duration_ms(self) -> float:
        """Milliseconds from start to end, never negative; 0.0 while the span is open."""
        return max(0, (self.end_time or 0) - self.start_time) / 1e6

    @property
    def counted(self) -> bool:
        """Whether this is work of the program: what people did meanwhile would outweigh all of it."""
        return self._tracer.scope.name != PAST

    @property
    def failed(self) -> bool:
        return self.status.status_code is ERROR_CODE

    @property
    def resource(self) -> Resource:
        return self._tracer.resource

    def clean_attributes(self) -> Attributes:
        """The attributes with types checked and limits applied."""
        limits, told = self._tracer.limits, self._told()
        plain = PLAIN.issuperset(map(type, told.values())) and "" not in told
        if plain and len(told) <= (limits.max_span_attributes or 0) and not limits.max_span_attribute_length:
            return told
        return bounded(limits.max_span_attributes, told, limits.max_span_attribute_length, self._dropped)

    def _told(self) -> dict[str, AttributeValue]:
        """The attributes, with what every operation of ours tells."""
        told = self.attributes
        if self._tracer.scope.name == OPERATIONS:
            told = {"status": "success", **told, "duration_ms": self.duration_ms}
        if self.queries:
            told = {**told, "query.count": self.queries, "query.time_ms": self.query_ns / 1e6}
        return {**told, **place_in_words(self.place)} if self.place else told

    def events(self) -> Sequence[Event]:
        if self._events is None:
            return ()
        limits = self._tracer.limits
        events = BoundedList.from_seq(limits.max_events, self._read_events(limits))
        events.dropped = self._events.dropped
        return events

    def links(self) -> Sequence[Link]:
        if not self._links:
            return ()
        limits = self._tracer.limits
        return BoundedList.from_seq(limits.max_links, self._read_links(limits))

    def readable(self) -> ReadableSpan:
        """The span as the SDK's exporters know spans; they take those alone whose context says sampled."""
        limits = self._tracer.limits
        kept = SpanContext(*self._context[:3], FLAGS[self._context.trace_flags | TraceFlags.SAMPLED], self._context[4])
        return ReadableSpan(
            name=self.name,
            context=kept,
            parent=self.parent,
            resource=self._tracer.resource,
            attributes=bounded(
                limits.max_span_attributes, self._told(), limits.max_span_attribute_length, self._dropped
            ),
            events=self.events(),
            links=self.links(),
            kind=self.kind,
            status=self.status,
            start_time=self.start_time,
            end_time=self.end_time,
            instrumentation_scope=self._tracer.scope,
        )

    def _read_events(self, limits: SpanLimits) -> Iterator[Event]:
        for name, attributes, timestamp in self._events or ():
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
    checked = attempted(
        lambda: BoundedAttributes(most, attributes, max_value_len=longest),
        lambda: BoundedAttributes(most, in_words(attributes or {}), max_value_len=longest),
    )
    checked.dropped += dropped
    return checked


def in_words(attributes: Mapping[str, object]) -> dict[str, str]:
    """Attributes as text, where one of them is an object that nothing can be asked of."""
    return {said(key): said(value) for key, value in attributes.items()}
