"""Lists by keyset: a page begins beside a row, so that the last one costs what the first one does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Index, Model, Q, QuerySet, UniqueConstraint
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter

SIDES = ("before", "after")
BETWEEN = "~"  # the value of a row and its primary key, in a cursor


@dataclass(frozen=True)
class Place:
    """Where a page begins: on which side of which row; with no cursor at that end of the list, with no side at its top.

    `before` are the rows with lesser values, `after` those with greater ones, whichever way the list is sorted.
    """

    side: str = ""
    cursor: str = ""


@dataclass(frozen=True)
class Order:
    """The column that a list is sorted by, and then the primary key in the same direction."""

    field: Field[Any, Any]
    descending: bool

    @property
    def by_time(self) -> bool:
        return self.field.primary_key or "Time" in self.field.get_internal_type()

    def names(self, *, descending: bool) -> list[str]:
        names = ["pk"] if self.field.primary_key else [self.field.attname, "pk"]
        return [f"-{name}" for name in names] if descending else names

    def cursor(self, row: Model) -> str:
        key = row._meta.pk.value_to_string(row)  # noqa: SLF001
        return key if self.field.primary_key else f"{self.field.value_to_string(row)}{BETWEEN}{key}"

    def beyond(self, place: Place) -> Q:
        """The rows on that side. The first condition is one that an index serves alone."""
        step = "gt" if place.side == "after" else "lt"
        value, _between, key = place.cursor.rpartition(BETWEEN)
        pk = Q(**{f"pk__{step}": _read(self.field.model._meta.pk, key, place)})  # noqa: SLF001
        if self.field.primary_key:
            return pk
        name, found = self.field.attname, _read(self.field, value, place)
        return Q(**{f"{name}__{step}e": found}) & (Q(**{f"{name}__{step}": found}) | pk)


def _read(field: Field[Any, Any] | None, text: str, place: Place) -> Any:
    """The value that a cursor holds; raises BadParameter."""
    try:
        value = field.to_python(text) if field and text and "\x00" not in text else None
    except (ValidationError, ValueError, OverflowError):
        value = None
    if value is None or (isinstance(value, datetime) and is_naive(value)):
        raise BadParameter(place.side, place.cursor, _("a place in the list, taken from one of its links"))
    return value


@dataclass(frozen=True)
class KeysetPage:
    """Rows in the list's order, and the cursors of the pages beside it: empty where there is none."""

    rows: list[Any]
    before: str
    after: str


def read_page(rows: QuerySet[Any], order: Order, size: int, place: Place) -> KeysetPage:
    """Up to `size` rows from `place` on, without counting or skipping any; raises BadParameter."""
    down = place.side == "before" if place.side else order.descending
    if place.cursor:
        rows = rows.filter(order.beyond(place))
    found = list(rows.order_by(*order.names(descending=down))[: size + 1])
    more, found = len(found) > size, found[:size]
    if down != order.descending:
        found.reverse()
    if not found:
        return KeysetPage([], "", "")
    came = bool(place.cursor)
    least, most = (found[-1], found[0]) if order.descending else (found[0], found[-1])
    return KeysetPage(
        rows=found,
        before=order.cursor(least) if (more if down else came) else "",
        after=order.cursor(most) if (came if down else more) else "",
    )


def sorting_fields(model: type[Model]) -> dict[str, Field[Any, Any]]:
    """The columns by which an index alone sorts every row of a model."""
    alone = {columns[0] for columns in _indexed(model) if columns[1:] in ([], ["id"], ["pk"])}
    fields = [field for field in model._meta.fields if not field.null]  # noqa: SLF001
    return {field.name: field for field in fields if field.name in alone}


def finding_fields(model: type[Model]) -> set[str]:
    """The columns in which an index finds a value."""
    return {columns[0] for columns in _indexed(model)}


def _indexed(model: type[Model]) -> Iterable[list[str]]:
    """The columns of each index that holds every row."""
    options = model._meta  # noqa: SLF001
    yield from ([field.name] for field in options.fields if getattr(field, "db_index", False) or field.unique)
    for kept in (*options.indexes, *options.constraints):
        if isinstance(kept, Index | UniqueConstraint) and kept.fields and not kept.condition:
            yield [name.lstrip("-") for name in kept.fields]
