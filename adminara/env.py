"""Typed readers for environment variables: the only place that touches `os.environ`.

A value that cannot be used refuses to start the process, naming the variable and the value (never a secret's value).
"""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values, load_dotenv

from adminara.variables import Variables, without_secrets

ROOT = Path(__file__).resolve().parent.parent
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
DATABASE_PARTS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
MINUTE, HOUR, DAY = 60, 3600, 86_400  # in seconds
UNITS = {"d": DAY, "h": HOUR, "m": MINUTE}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REDIS = re.compile(r"rediss?://([^@/\s]*@)?(\[[0-9a-fA-F:]+\]|[^@/:\s]+)(:\d{1,5})?(/\d{0,3})?", re.ASCII)
OPENING = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)

FILE = os.environ.get("ENV_FILE", ROOT / ".env")
load_dotenv(FILE, override=False)
read = Variables(os.environ, dotenv_values(FILE))
read.note("ENV_FILE", "text", str(FILE), str(ROOT / ".env"))


def refuse(name: str, value: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}={value!r} cannot be used: it must be {wanted}.")


def text(name: str, default: str = "") -> str:
    return _noted(name, "text", default)


def _noted(name: str, kind: str, default: str = "") -> str:
    value = _plain(name) or default
    read.note(name, kind, value, default)
    return value


def _plain(name: str) -> str:
    return os.environ.get(name, "").strip()


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = _noted(name, "choice", default)
    if value not in allowed:
        raise refuse(name, value, f"one of {', '.join(allowed)}")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = _noted(name, "flag", str(default).lower()).lower()
    if value not in TRUE | FALSE:
        raise refuse(name, value, "true or false")
    return value in TRUE


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = _noted(name, "number", str(default))
    if not value.lstrip("-").isdigit() or not least <= int(value) <= most:
        raise refuse(name, value, f"a whole number from {least} to {most}")
    return int(value)


def duration(name: str, default: str, *, least: int) -> int:
    """A length of time such as 90m, 48h or 7d, in seconds; `least` is in seconds, too."""
    value = _noted(name, "duration", default)
    count, unit = value[:-1], UNITS.get(value[-1], 0)
    if not re.fullmatch(r"\d{1,6}", count, re.ASCII) or int(count) * unit < least:
        shortest = next(f"{least // seconds}{unit}" for unit, seconds in UNITS.items() if least % seconds == 0)
        raise refuse(name, value, f"a time such as 90m, 48h or 7d (minutes, hours, days), at least {shortest}")
    return int(count) * unit


def share(name: str, default: float) -> float:
    value = _noted(name, "share", str(default))
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise refuse(name, value, "a number from 0 to 1")
    return found


def time_zone(name: str, default: str) -> str:
    value = _noted(name, "time zone", default)
    if value not in available_timezones():
        raise refuse(name, value, "a time zone such as Europe/Istanbul")
    return value


def csv(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in _noted(name, "list", default).split(",") if part.strip()]


def thresholds(name: str) -> list[tuple[str, float]]:
    """Patterns with milliseconds, such as `job.*=5000, GET *=300`, in their order."""
    found = []
    for part in csv(name):
        pattern, _equals, milliseconds = part.rpartition("=")
        if not pattern.strip() or not re.fullmatch(r"\d{1,8}(\.\d{1,3})?", milliseconds.strip()):
            raise refuse(name, part, "a pattern and milliseconds, like job.*=5000, several of them separated by commas")
        found.append((pattern.strip(), float(milliseconds)))
    return found


def weekly_hours(name: str) -> list[tuple[int, int]]:
    """Ranges such as `mon-fri 09:00-17:00, fri 22:00-02:00`, each as minutes since Monday 00:00: from, and until.

    A range that ends at or before its beginning ends on the next day; the last day's may so go beyond the week.
    """
    return [opening for part in csv(name) for opening in _openings(name, part)]


def _openings(name: str, part: str) -> list[tuple[int, int]]:
    found = OPENING.fullmatch(part.lower())
    first, last = (found[1], found[2] or found[1]) if found else ("", "")
    if not found or first not in WEEKDAYS or last not in WEEKDAYS:
        raise refuse(name, part, "days and hours like mon-fri 09:00-17:00, several of them separated by commas")
    begins = int(found[3]) * 60 + int(found[4])
    ends = int(found[5]) * 60 + int(found[6])
    if begins == ends or ends > 24 * 60:
        raise refuse(name, part, "hours of some length, until 24:00 at most; the whole day is 00:00-24:00")
    length = (ends - begins) % (24 * 60) or 24 * 60
    monday, days = WEEKDAYS.index(first), (WEEKDAYS.index(last) - WEEKDAYS.index(first)) % 7 + 1
    starts = [(monday + day) % 7 * 24 * 60 + begins for day in range(days)]
    return [(start, start + length) for start in starts]


def url(name: str) -> str:
    """An http or https address, or an empty string when the variable is not set."""
    value = _plain(name)
    read.note(name, "address", without_secrets(value))
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.netloc):
        raise refuse(name, value, "an address like http://host:port")
    return value.rstrip("/")


def database_url(name: str) -> dict[str, Any]:
    """The PostgreSQL database that a URL names, in the words of Django's DATABASES; empty when there is none.

    What the URL carries after a question mark (`?sslmode=require`) goes into OPTIONS, for the database's own library.
    """
    value = secret(name)
    read.note(name, "address", without_secrets(value))
    if not value:
        return {}
    from psycopg import ProgrammingError  # loaded only where it is used
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(value)
    except ProgrammingError:
        parts = {}
    address = {key: str(parts.pop(part, "")) for key, part in DATABASE_PARTS.items()}
    right = value.startswith(("postgresql://", "postgres://")) and re.fullmatch(r"[^/]+", address["NAME"])
    if not right or "@" in address["HOST"] or not re.fullmatch(r"[\d,]*", address["PORT"]):
        # Neither the value nor what the library says of it is shown: both may hold the password.
        raise ImproperlyConfigured(
            f"{name} cannot be used: it must be like postgresql://user:password@host:port/name, "
            "where a sign such as @ or / in the password is written as %40 or %2F."
        )
    return address | {"OPTIONS": parts}


def redis_url(name: str) -> str:
    """The address of a Redis (or of what speaks as it does, such as Valkey); empty when the variable is not set."""
    value = secret(name)
    read.note(name, "address", without_secrets(value))
    if value and not REDIS.fullmatch(value):
        # The value is not shown: it may hold the password.
        raise ImproperlyConfigured(
            f"{name} cannot be used: it must be like redis://user:password@host:port/0, or rediss:// for TLS, "
            "where a sign such as @ or / in the password is written as %40 or %2F."
        )
    return value


def secret(name: str) -> str:
    """The value of `name`, or the content of the file that `name`_FILE points to; empty when neither is set."""
    read.note(name, "secret", "")
    path = _plain(f"{name}_FILE")
    if not path:
        return _plain(name)
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise refuse(f"{name}_FILE", path, f"a file that can be read ({error.strerror})") from error


def folder(name: str, default: Path) -> Path:
    """A folder that can be written to; made when it is missing, for its owner's eyes only."""
    path = Path(_noted(name, "folder", str(default))).resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise refuse(name, str(path), f"a folder that can be made ({error.strerror})") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise refuse(name, str(path), "a folder that can be written to")
    return path


def export(name: str, value: str) -> None:
    """Set `name` for libraries that read the environment themselves, unless the operator has set it."""
    os.environ.setdefault(name, value)
