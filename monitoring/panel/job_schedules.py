"""Says when a job runs: its cron line in words, and the moments that come next.

The common lines are told in words; any other stands for itself. Libraries that do this leave the names of days and
months in English, or take them from the machine's locale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from croniter import croniter
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

NEXT = 5
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A day on which something happens again and again, Monday first.
EACH = (
    *(gettext_lazy("Mondays"), gettext_lazy("Tuesdays"), gettext_lazy("Wednesdays"), gettext_lazy("Thursdays")),
    *(gettext_lazy("Fridays"), gettext_lazy("Saturdays"), gettext_lazy("Sundays")),
)


class Unusual(ValueError):
    """A part of a cron line that we have no words for."""


@dataclass(frozen=True)
class Part:
    """One part of a cron line: its `values` in order, empty for `*`; `step` of a `*/n`; `span` of an `a-b`."""

    values: tuple[int, ...] = ()
    step: int = 0
    span: bool = False

    @property
    def always(self) -> bool:
        return not (self.values or self.step)


def words(cron: str) -> str:
    """When a cron line's job runs, in the language that is active; the line itself where we have no words for it."""
    if not croniter.is_valid(cron):
        return cron
    try:
        minute, hour, day, month, weekday = cron.split()
        return _told(_part(minute), _part(hour), _part(day), _part(month), _part(weekday.lower(), DAYS))
    except ValueError:
        return cron


def next_runs(cron: str, now: datetime, count: int = NEXT) -> list[datetime]:
    """The moments that come next, in TIME_ZONE; none for a line that nobody understands."""
    if not croniter.is_valid(cron):
        return []
    times = croniter(cron, localtime(now))
    return [times.get_next(datetime) for _number in range(count)]


def _part(text: str, names: Sequence[str] = ()) -> Part:
    """Raises Unusual for what has no words here."""
    if text == "*":
        return Part()
    if text.startswith("*/"):
        return Part(step=_number(text[2:], ()))
    first, dash, last = text.partition("-")
    if dash:
        return Part((_number(first, names), _number(last, names)), span=True)
    return Part(tuple(sorted({_number(value, names) for value in text.split(",")})))


def _number(text: str, names: Sequence[str]) -> int:
    """Days of the week count from 1 for Monday to 7 for Sunday, which cron also writes as 0."""
    if text in names:
        return names.index(text) + 1
    if not text.isdecimal():
        raise Unusual(text)
    return 7 if names and text == "0" else int(text)


def _told(minute: Part, hour: Part, day: Part, month: Part, weekday: Part) -> str:
    if hour.values and not hour.span and minute.values and not minute.span:
        return _in_zone(_at_times(minute, hour, day, month, weekday))
    if not (day.always and month.always):
        raise Unusual
    often = _often(minute, hour)
    if hour.always and weekday.always:
        return often  # the same in every zone
    return _in_zone(often if weekday.always else f"{often}, {_days(weekday)}")


def _at_times(minute: Part, hour: Part, day: Part, month: Part, weekday: Part) -> str:
    times = ", ".join(f"{one:02}:{other:02}" for one in hour.values for other in minute.values)
    if day.always and month.always and weekday.always:
        return _("every day at %(times)s") % {"times": times}
    if day.always and month.always:
        return _("%(days)s at %(times)s") % {"days": _days(weekday), "times": times}
    if not (weekday.always and day.values and not day.span):
        raise Unusual
    days = _listed([str(value) for value in day.values])
    if month.always:
        text = ngettext(
            "on day %(days)s of each month at %(times)s", "on days %(days)s of each month at %(times)s", len(day.values)
        )
        return text % {"days": days, "times": times}
    if month.span or len(month.values) != 1:
        raise Unusual
    return _("each year on %(days)s %(month)s at %(times)s") % {
        "days": days,
        "times": times,
        "month": MONTHS[month.values[0]],
    }


def _often(minute: Part, hour: Part) -> str:
    if not hour.always and not hour.span:
        return _every_hours(minute, hour)
    often = _within_the_hour(minute)
    if hour.always:
        return often
    first, last = hour.values
    within = {"often": often, "first": f"{first:02}:00", "last": f"{last:02}:59"}
    return _("%(often)s from %(first)s to %(last)s") % within


def _within_the_hour(minute: Part) -> str:
    if minute.always:
        return ngettext("every minute", "every %(count)d minutes", 1)
    if minute.step:
        _must_divide(minute.step, 60)
        return ngettext("every minute", "every %(count)d minutes", minute.step) % {"count": minute.step}
    if minute.span:
        raise Unusual
    if minute.values == (0,):
        return _("every hour, on the hour")
    text = ngettext("every hour at minute %(minutes)s", "every hour at minutes %(minutes)s", len(minute.values))
    return text % {"minutes": _listed([str(value) for value in minute.values])}


def _every_hours(minute: Part, hour: Part) -> str:
    """`5 */2`: counted from midnight."""
    if not hour.step or len(minute.values) != 1:
        raise Unusual
    _must_divide(hour.step, 24)
    text = ngettext(
        "every hour at minute %(minute)s", "every %(count)d hours from midnight, at minute %(minute)s", hour.step
    )
    return text % {"count": hour.step, "minute": minute.values[0]}


def _must_divide(step: int, whole: int) -> None:
    """Or the last pause of the hour or the day would be shorter than the others."""
    if step < 1 or whole % step:
        raise Unusual


def _days(weekday: Part) -> str:
    if weekday.step:
        raise Unusual
    if weekday.span:
        first, last = (str(WEEKDAYS[value - 1]) for value in weekday.values)
        return _("%(first)s to %(last)s") % {"first": first, "last": last}
    return _listed([str(EACH[value - 1]) for value in weekday.values])


def _listed(parts: Sequence[str]) -> str:
    *most, last = parts
    return _("%(some)s and %(last)s") % {"some": ", ".join(most), "last": last} if most else last


def _in_zone(when: str) -> str:
    return _("%(when)s, %(zone)s time") % {"when": when, "zone": get_current_timezone_name()}
