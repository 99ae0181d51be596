"""An exception as OpenTelemetry's semantic conventions note it."""

import traceback

from opentelemetry.semconv.attributes.exception_attributes import (
    EXCEPTION_MESSAGE,
    EXCEPTION_STACKTRACE,
    EXCEPTION_TYPE,
)

from monitoring.guard import said

ESCAPED = "exception.escaped"


def exception_event(error: BaseException, *, escaped: bool) -> dict[str, str]:
    """The attributes of the event `exception`."""
    module, name = type(error).__module__, type(error).__qualname__
    return {
        EXCEPTION_TYPE: name if module == "builtins" else f"{module}.{name}",
        EXCEPTION_MESSAGE: said(error),
        EXCEPTION_STACKTRACE: "".join(traceback.format_exception(error)),
        ESCAPED: str(escaped),
    }
