"""A job's arguments: how they are kept with its run, and how they are shown, redacted by its parameters' names."""

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitoring.guard import attempted
from monitoring.redaction import HIDDEN, SPARED, named

LONGEST = 500  # characters of a value that are shown


@dataclass(frozen=True)
class Argument:
    """One argument as it may be shown; `value` is JSON. `hidden` where its name, or that it has none, forbade it."""

    name: str
    value: str
    hidden: bool


def packed(args: Sequence[object], kwargs: Mapping[str, object]) -> str:
    """As a run keeps them."""
    return json.dumps({"args": list(args), "kwargs": dict(kwargs)} if kwargs else list(args), default=str)


def unpacked(stored: str) -> tuple[list[Any], dict[str, Any]]:
    """Raises ValueError for what is not such a text."""
    found = json.loads(stored)
    if isinstance(found, list):
        return found, {}
    if not isinstance(found, dict):
        raise ValueError(f"Arguments are kept as a list or an object, not as {found!r}.")  # noqa: TRY004 - of the text
    return list(found.get("args", [])), dict(found.get("kwargs", {}))


def shown(function: object, stored: str) -> list[Argument]:
    """The arguments by the names of the function's parameters. Where nobody knows these, all are hidden."""
    args, kwargs = attempted(lambda: unpacked(stored), lambda: ([], {}))
    names = _names(function, args, kwargs)
    if names is None:
        unnamed = [Argument(str(number), HIDDEN, hidden=True) for number, _value in enumerate(args, 1)]
        return unnamed + [_shown(name, value) for name, value in kwargs.items()]
    return [_shown(name, value) for name, value in names.items()]


def hidden_values(function: object, args: Sequence[object], kwargs: Mapping[str, object]) -> list[object]:
    """The values that are not shown, so that they can be taken out of what a failure says."""
    names = _names(function, args, kwargs)
    if names is None:
        return [*_leaves(list(args)), *_leaves(list(kwargs.values()))]
    return [leaf for name, value in names.items() for leaf in _secrets(name, value)]


def _names(function: object, args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, object] | None:
    if not callable(function):
        return None
    signature = attempted(lambda: inspect.signature(function), lambda: None)
    bound = attempted(lambda: signature.bind(*args, **kwargs), lambda: None) if signature else None
    return dict(_flat(signature.parameters, bound.arguments)) if signature and bound else None


def _flat(parameters: Mapping[str, inspect.Parameter], values: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """What a function takes as `**more` has names of its own."""
    for name, value in values.items():
        if parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            yield from value.items()
        else:
            yield name, value


def _shown(name: str, value: object) -> Argument:
    text = json.dumps(named(name, value), default=str, ensure_ascii=False)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…"
    hidden = bool(SPARED.search(name))
    return Argument(name, HIDDEN if hidden else text, hidden)


def _secrets(name: str, value: object) -> Iterator[object]:
    if SPARED.search(name):
        yield from _leaves(value)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _secrets(str(key), part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _secrets("", part)


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    elif value is not None:
        yield value
