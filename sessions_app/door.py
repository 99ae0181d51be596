"""Whether the desk takes customers: by its hours, by how many wait, and by whether anybody is at it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

from sessions_app import duty
from sessions_app.errors import DeskClosed, QueueFull
from sessions_app.models import QueueEntry

WEEKS = range(-1, 3)  # those that may hold a range which is on at a moment, or the next one after it


class Way(models.TextChoices):
    """In words for machines: what somebody who comes to the door finds."""

    OPEN = "open"
    UNATTENDED = "unattended"  # open, with nobody on duty
    FULL = "full"
    CLOSED = "closed"


@dataclass(frozen=True)
class Door:
    """`opens_at` is when a closed desk opens next."""

    way: str = Way.OPEN
    opens_at: datetime | None = None

    @property
    def lets_in(self) -> bool:
        return self.way in (Way.OPEN, Way.UNATTENDED)

    @property
    def opens(self) -> str:
        """The day and time of `opens_at` in TIME_ZONE, in the language of the moment."""
        here = self.opens_at and timezone.localtime(self.opens_at, timezone.get_default_timezone())
        return date_format(here, pgettext("date", "l j F, H:i")) if here else ""


OPEN = Door()


def door(now: datetime) -> Door:
    """What somebody who wants to join finds."""
    found = inside(now)
    return Door(Way.FULL) if found.lets_in and full() else found


def inside(now: datetime) -> Door:
    """What those who wait already find: they have their place, however many wait."""
    if not is_open(now):
        return Door(Way.CLOSED, opens_next(now))
    return Door(Way.OPEN if duty.on_duty(now) else Way.UNATTENDED)


def admit(now: datetime) -> None:
    """Raises DeskClosed or QueueFull. To be asked in the transaction that joins.

    So DESK_QUEUE_MOST holds to the customer on SQLite, where one transaction writes at a time. On PostgreSQL those who
    join in the same instant do not see each other, and may be over it by as many as join at once, which are no more
    than the server has threads: a lock that makes everybody join in turn would cost more than these few harm.
    """
    if not is_open(now):
        closed = Door(Way.CLOSED, opens_next(now))
        raise DeskClosed(closed.opens, math.ceil((opens_next(now) - now).total_seconds()))
    if full():
        raise QueueFull


def full() -> bool:
    most = settings.DESK_QUEUE_MOST
    return bool(most) and QueueEntry.objects.filter(left_at=None, session__synthetic=False).count() >= most


def is_open(now: datetime) -> bool:
    return not settings.DESK_HOURS or any(began <= now < ends for began, ends in openings(now))


def opens_next(now: datetime) -> datetime:
    """When the next range begins; now when there are no hours to keep."""
    return min((began for began, _ends in openings(now) if began > now), default=now)


def openings(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Every range of DESK_HOURS from the week before `now` to two weeks after it, as moments.

    Hours are those of the clock on the wall in TIME_ZONE. A time that the clocks skip in spring counts as so much after
    the jump (02:30 of a skipped hour is 03:30), one that they repeat in autumn as the first of the two.
    """
    here = timezone.localtime(now, timezone.get_default_timezone())
    monday = datetime(here.year, here.month, here.day) - timedelta(days=here.weekday())  # noqa: DTZ001 -- on the wall
    for week in WEEKS:
        for start, end in settings.DESK_HOURS:
            began, ends = (
                (monday + timedelta(weeks=week, minutes=minutes)).replace(tzinfo=here.tzinfo).astimezone(UTC)
                for minutes in (start, end)
            )
            if began < ends:  # a range from a skipped time to one soon after it is left out
                yield began, ends
