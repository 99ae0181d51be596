"""What the address of the board may ask for: a stretch of time, what it is held against, and an order of staff."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from sessions_app.errors import BadAddress
from sessions_app.hourly import HOUR, hours, midnight, zone
from sessions_app.service import TODAY

PERMISSION = "sessions_app.view_board"
LAST_24H = "24h"
DAYS = {"7d": 7, "30d": 30}  # today and so many days less one before it
NAMES = (TODAY, LAST_24H, *DAYS)
BEFORE, WEEK = "before", "week"
ORDERS = ("handled", "aht", "duty", "paused", "occupancy", "staff")
OLDEST = timedelta(days=3660)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `day` is "" or a date; `order` begins with "-" where the greatest comes first."""

    window: str = TODAY
    day: str = ""
    against: str = BEFORE
    order: str = "-handled"

    @property
    def address(self) -> str:
        """The query that asks for it, without what needs not be said."""
        said = {"window": "" if self.day else self.window, "day": self.day, "against": self.against, "sort": self.order}
        usual = {"window": TODAY, "against": BEFORE, "sort": "-handled"}
        return urlencode({name: value for name, value in said.items() if value and usual.get(name) != value})

    def but(self, **other: str) -> str:
        """The address of the same with something else."""
        return f"?{replace(self, **other).address}"


def asked(query: Mapping[str, str]) -> Asked:
    """BadAddress names the parameter that cannot be used."""
    found = Asked(
        window=_one_of("window", query.get("window", TODAY), NAMES),
        day=query.get("day", ""),
        against=_one_of("against", query.get("against", BEFORE), (BEFORE, WEEK)),
        order=query.get("sort", "-handled"),
    )
    _one_of("sort", found.order.removeprefix("-"), ORDERS)
    return found


def _one_of(name: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise BadAddress(_("%(name)s: choose one of %(known)s.") % {"name": name, "known": ", ".join(known)})
    return value


@dataclass(frozen=True)
class Window:
    """A stretch of time in steps: `until` is None while it runs, and its last steps may be yet to come.

    `before` is the same stretch, by the clock on the wall, so many `days` earlier.
    """

    name: str
    since: datetime
    until: datetime | None
    by: str
    steps: tuple[Span, ...]
    days: int
    before: Span

    @property
    def ends(self) -> datetime:
        return self.steps[-1][1]

    @property
    def begins(self) -> datetime:
        """Of the first step, of which perhaps only a part lies within the window."""
        return self.steps[0][0]


def window(wanted: Asked, now: datetime) -> Window:
    """BadAddress for a day that is to come, or so long gone that nobody can have been served then."""
    today = now.astimezone(zone()).date()
    days = 7 if wanted.against == WEEK else 1
    if wanted.day:
        day = _day(wanted.day, today)
        return _window(wanted.day, midnight(day), None if day == today else midnight(_next(day)), now, days)
    if wanted.window in DAYS:
        days = DAYS[wanted.window]
        dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
        steps = tuple((midnight(day), midnight(_next(day))) for day in dates)
        since = steps[0][0]
        return Window(wanted.window, since, None, "day", steps, days, (earlier(since, days), earlier(now, days)))
    since = midnight(today) if wanted.window == TODAY else now - 24 * HOUR
    return _window(wanted.window, since, None, now, days)


def _window(name: str, since: datetime, until: datetime | None, now: datetime, days: int) -> Window:
    ends = until or (now if name == LAST_24H else midnight(_next(now.astimezone(zone()).date())))
    before = earlier(since, days), earlier(until or now, days)
    return Window(name, since, until, "hour", tuple(hours(since, ends)), days, before)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not today - OLDEST <= day <= today:
        raise BadAddress(_("day: a date such as %(today)s, not one to come.") % {"today": today.isoformat()})
    return day


def _next(day: date) -> date:
    return day + timedelta(days=1)


def earlier(at: datetime, days: int) -> datetime:
    """The same time on the wall so many days before; also on days of 23 or 25 hours."""
    here = at.astimezone(zone())
    return (here.replace(tzinfo=None) - timedelta(days=days)).replace(tzinfo=zone(), fold=here.fold).astimezone(UTC)
