"""Where in the project's code something stands, as OpenTelemetry's semantic conventions tell it.

A place is noted as it comes, which costs next to nothing, and put into words when the span is written.
"""

import inspect
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from django.conf import settings
from opentelemetry.semconv.attributes.code_attributes import CODE_FILE_PATH, CODE_FUNCTION_NAME, CODE_LINE_NUMBER

Place = tuple[CodeType, int]  # code and a line in it

OURS = Path(__file__).parent  # who asks here wants to know who asked us
INSTALLED = ("site-packages", "dist-packages")


def place_of(function: Callable[..., Any]) -> Place:
    """Where a function is defined, behind its decorators; NOWHERE for one that is not made of Python code."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return (code, code.co_firstlineno) if isinstance(code, CodeType) else NOWHERE


NOWHERE: Place = (place_of.__code__, 0)  # in no code of the project's


def innermost(frame: FrameType | None) -> Place | None:
    """The innermost line of the project's own code in the stack that begins with `frame`."""
    while frame is not None and not in_project(frame.f_code.co_filename):
        frame = frame.f_back
    return (frame.f_code, frame.f_lineno) if frame else None


def in_words(place: Place) -> dict[str, str | int]:
    """The attributes that tell a place in the project's own code; empty for any other."""
    code, line = place
    return _in_words(code.co_filename, code.co_qualname, line)


@lru_cache(4_096)
def _in_words(filename: str, function: str, line: int) -> dict[str, str | int]:
    path = in_project(filename)
    if not path:
        return {}
    name = f"{path.removesuffix('.py').replace('/', '.')}.{function}"
    return {CODE_FILE_PATH: path, CODE_LINE_NUMBER: line, CODE_FUNCTION_NAME: name}


@lru_cache(4_096)
def in_project(filename: str) -> str:
    """The path of a file of the project, relative to it; empty for libraries and for what traces."""
    path = Path(filename).resolve()
    if filename.startswith("<") or path.parent == OURS or not path.is_relative_to(settings.BASE_DIR):
        return ""
    inside = path.relative_to(settings.BASE_DIR)
    foreign = any(part in INSTALLED or part.startswith(".") for part in inside.parts)
    return "" if foreign else inside.as_posix()
