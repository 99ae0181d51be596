"""What was read from the environment, as a person may see it: the value of a secret is never kept here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from adminara.meanings import MEANINGS

CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


@dataclass(frozen=True)
class Variable:
    """A variable with its value in force and where that came from: "environment", "file", ".env", "default" or "made".

    "made": nobody set it, and the installation has made itself one, which is in its data folder.
    Of a secret (`kind` is "secret") there is no value, and whether it `is_set` is all that is known.
    """

    name: str
    kind: str
    value: str
    default: str
    source: str
    is_set: bool
    unit: str
    meaning: str


class Variables:
    """Remembers what was read of `environment`, in its order; `from_file` are the lines of the file of settings."""

    def __init__(self, environment: Mapping[str, str], from_file: Mapping[str, str | None]) -> None:
        self._environment, self._from_file = environment, from_file
        self._read: dict[str, Variable] = {}

    def note(self, name: str, kind: str, value: str, default: str = "") -> None:
        unit, meaning = MEANINGS.get(name, ("", ""))
        set_by = next((each for each in (f"{name}_FILE", name) if self._environment.get(each, "").strip()), "")
        source = self._source(set_by, name)
        shown = "" if kind == "secret" else CREDENTIALS.sub("…@", value)
        self._read[name] = Variable(name, kind, shown, default, source, bool(set_by), unit, meaning)

    def _source(self, set_by: str, name: str) -> str:
        if not set_by:
            return "default"
        if set_by != name:
            return "file"
        # What starts the processes may have read the file before, and put its lines into the environment.
        return ".env" if self._from_file.get(name) == self._environment[name] else "environment"

    def made(self, name: str) -> None:
        """The secret `name` was not set; the one in force is the installation's own."""
        self._read[name] = replace(self._read[name], source="made", is_set=True)

    def all(self) -> list[Variable]:
        return list(self._read.values())


def without_secrets(address: str) -> str:
    """An address without what may be secret in it: user, password, path and query."""
    parts = urlsplit(address)
    if not parts.netloc:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{'/…' if parts.path.strip('/') or parts.query else ''}"
