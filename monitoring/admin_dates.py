"""Links to years, months and days of a list in the admin, from its first and its last row alone.

Django's own look at every row of a month to find the days that have any.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.store.times import moment

Link = dict[str, str]  # "title", and "link" unless it is where one is
YEARS = range(1970, 3000)
PARTS = ("year", "month", "day")


def date_links(changes: ChangeList, name: str, order: str) -> dict[str, Any] | None:
    """What Django's template of the date hierarchy wants of the column `name`, by which rows in that `order` rise, too.

    None when there are no rows.
    """
    bounds = _bounds(changes, name, order)
    if bounds is None:
        return None
    first, last = bounds
    year, month, day = (int(changes.params.get(f"{name}__{part}") or 0) for part in PARTS)
    if not year and first.year == last.year:
        year, month = first.year, first.month if first.month == last.month else 0
    links = _Links(changes, name)
    if day:
        choices: list[Link] = [{"title": links.day(date(year, month, day))["title"]}]
        return {"back": links.month(year, month), "choices": choices}
    if month:
        days = [date(year, month, number) for number in range(1, monthrange(year, month)[1] + 1)]
        return {"back": links.year(year), "choices": [links.day(day) for day in days if first <= day <= last]}
    if year:
        months = [number for number in range(1, 13) if first.replace(day=1) <= date(year, number, 1) <= last]
        return {"back": links.everything(), "choices": [links.month(year, number) for number in months]}
    return {"back": None, "choices": [links.year(number) for number in range(first.year, last.year + 1)]}


def asked_stretch(params: Mapping[str, str], name: str) -> tuple[float, float] | None:
    """From when until before when the links' parameters ask for, in seconds since the epoch. Raises BadParameter."""
    year, month, day = (params.get(f"{name}__{part}", "") for part in PARTS)
    if not (year or month or day):
        return None
    first = _beginning(year, month, day)
    if first is None:
        raise BadParameter(f"{name}__year", f"{year}-{month}-{day}", _("a year such as 2026"))
    length = timedelta(days=1 if day else monthrange(first.year, first.month)[1])
    last = first + length if month else first.replace(year=first.year + 1)
    return make_aware(first).timestamp(), make_aware(last).timestamp()


def _beginning(year: str, month: str, day: str) -> datetime | None:
    """Of a year, of its month or of a day in that, in TIME_ZONE; None where there is no such time."""
    try:
        known = int(year) in YEARS and bool(month or not day)
        return datetime(int(year), int(month or 1), int(day or 1)) if known else None  # noqa: DTZ001 - made aware later
    except (ValueError, OverflowError):
        return None


def _bounds(changes: ChangeList, name: str, order: str) -> tuple[date, date] | None:
    """The days of the first and the last row: two looks into the index, which MIN and MAX in one are not on SQLite."""
    moments = changes.root_queryset.order_by(order).values_list(name, flat=True)
    first, last = moments.first(), moments.reverse().first()
    return (_day(first), _day(last)) if first and last else None


def _day(at: datetime | float) -> date:
    return localtime(at if isinstance(at, datetime) else moment(at)).date()


class _Links:
    """Links that keep the other filters."""

    def __init__(self, changes: ChangeList, name: str) -> None:
        self._changes, self._name = changes, name

    def everything(self) -> Link:
        return self._link(_("All dates"))

    def year(self, year: int) -> Link:
        return self._link(str(year), year=year)

    def month(self, year: int, month: int) -> Link:
        return self._link(date_format(date(year, month, 1), "YEAR_MONTH_FORMAT"), year=year, month=month)

    def day(self, day: date) -> Link:
        return self._link(date_format(day, "MONTH_DAY_FORMAT"), year=day.year, month=day.month, day=day.day)

    def _link(self, title: str, **parts: int) -> Link:
        wanted = {f"{self._name}__{part}": number for part, number in parts.items()}
        return {"title": capfirst(title), "link": self._changes.get_query_string(wanted, [f"{self._name}__"])}
