"""Reads the settings in force: every variable with its value, its default and where it came from; never a secret."""

import platform
from dataclasses import dataclass
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from monitoring.errors import BadParameter

# Where values come from, as the page says it, and the units of numbers.
SOURCES = {
    "environment": _("environment"),
    "file": _("secret's file"),
    ".env": _("file of settings"),
    "default": _("default"),
    "made": _("data folder"),
}
UNCHANGED = ("default", "made")
UNITS = (_("s"), _("ms"), _("hours"), _("days"))


@dataclass(frozen=True)
class SettingRow:
    """One variable. `value` is empty for a secret, of which `is_set` is all that is told."""

    name: str
    value: str
    unit: str
    default: str
    source: str
    secret: bool
    is_set: bool
    meaning: str

    @property
    def came_from(self) -> str:
        return gettext(SOURCES[self.source])


@dataclass(frozen=True)
class Program:
    """What runs: versions, and the kind of database."""

    version: str
    python: str
    django: str
    database: str
    production: bool


def settings_in_force(name: str = "", source: str = "") -> list[SettingRow]:
    """Those with `name` in their names, in the order of the settings file; `source` may be "changed": set by somebody.

    As this process read them when it started.
    """
    if source not in ("", "changed", *SOURCES):
        raise BadParameter("source", source, gettext("changed, or one of the sources"))
    rows = [_row(variable) for variable in settings.VARIABLES if name.strip().upper() in variable.name]
    if source == "changed":
        return [row for row in rows if row.source not in UNCHANGED]
    return [row for row in rows if source in ("", row.source)]


def program() -> Program:
    return Program(
        version=settings.VERSION,
        python=platform.python_version(),
        django=django.get_version(),
        database=connection.display_name,
        production=settings.PRODUCTION,
    )


def _row(variable: Any) -> SettingRow:
    return SettingRow(
        name=variable.name,
        value=variable.value,
        unit=gettext(variable.unit) if variable.unit else "",
        default=variable.default,
        source=variable.source,
        secret=variable.kind == "secret",
        is_set=variable.is_set,
        meaning=gettext(variable.meaning) if variable.meaning else "",
    )
