"""Operations as spans: `start_span` around a block, `traced` and `trace_async` around functions.

Each ended operation carries `duration_ms`, `status` (success or error) and, after an error, `error.message` and the
exception; the error itself goes on its way. Duration and success are added when the span is written. What is wrapped
before tracing starts is traced once it has.
"""

import inspect
import sys
from collections.abc import Awaitable, Callable
from contextvars import Token
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode
from opentelemetry.util.types import Attributes

from monitoring.guard import said
from monitoring.redaction import public, redact
from monitoring.tracing.exceptions import exception_event
from monitoring.tracing.places import Place, place_of
from monitoring.tracing.setup import Tracing
from monitoring.tracing.span import LightSpan

P = ParamSpec("P")
R = TypeVar("R")


class start_span:  # noqa: N801 - used like a function
    """A block as a span named `name`: `with start_span("desk.join", {"topic": "billing"}) as span: ...`.

    Where it stands in the code is told with it: the line that asks for it, unless `place` is another one.
    """

    __slots__ = ("_attributes", "_kind", "_name", "_parent", "_place", "_span", "_token")

    def __init__(
        self,
        name: str,
        attributes: Attributes = None,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        parent: Context | None = None,
        place: Place | None = None,
    ) -> None:
        self._name, self._attributes, self._kind, self._parent = name, attributes, kind, parent
        if place is None:
            asking = sys._getframe(1)  # noqa: SLF001
            place = asking.f_code, asking.f_lineno
        self._place = place
        self._token: Token[Context] | None = None

    def __enter__(self) -> Span:
        if Tracing.tracer is None:
            return INVALID_SPAN
        self._span = Tracing.tracer.start_span(self._name, self._parent, self._kind, self._attributes)
        if type(self._span) is LightSpan:
            self._span.place = self._place
        self._token = otel_context.attach(trace.set_span_in_context(self._span, self._parent))
        return self._span

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if self._token is None:
            return
        if error is not None:
            record_error(self._span, error)
        otel_context.detach(self._token)
        self._span.end()


def record_error(span: Span, error: BaseException) -> None:
    """Note an error on a span, with what must not be shown taken out.

    An error with a true `is_refusal`, such as "nobody is waiting", is an answer: the span says so and has not failed.
    """
    message = redact(said(error))
    span.set_attributes({"status": "error", "error.message": message})
    if not getattr(error, "is_refusal", False):
        span.set_status(StatusCode.ERROR, message)
    span.add_event("exception", public(exception_event(error, escaped=False)))


def traced(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function, sync or async, so that each call is a span named `name`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        place = place_of(function)

        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def async_wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
                if Tracing.tracer is None:
                    return await function(*args, **kwargs)
                with start_span(name, place=place):
                    return await function(*args, **kwargs)

            return cast("Callable[P, R]", async_wrapper)

        @wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            if Tracing.tracer is None:
                return function(*args, **kwargs)
            with start_span(name, place=place):
                return function(*args, **kwargs)

        return wrapper

    return decorate


async def trace_async(name: str, function: Callable[[], Awaitable[R]]) -> R:
    """Await `function()` inside a span named `name`; its result is returned, its error raised again."""
    with start_span(name, place=place_of(function)):
        return await function()


def current_trace_id() -> str:
    """The trace that is going on here, as 32 hex digits; empty when there is none."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""
