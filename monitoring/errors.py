"""Mistakes in what a person asked for, and a database that is away."""

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

AWAY = (OperationalError, InterfaceError)  # what is raised while a database does not answer


class BadParameter(ValueError):
    """A parameter of a page or a command that cannot be used; the message names it and says what would do."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(
            _("%(name)s=%(value)s cannot be used: it must be %(wanted)s.")
            % {"name": name, "value": value[:80], "wanted": wanted}
        )


class NotFound(LookupError):
    """What was asked for is not there (any more)."""
