"""What a customer is told about their visit, and how it reads."""

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import translation

from sessions_app import door, queue
from sessions_app.door import OPEN, Door
from sessions_app.models import CLOSED, QueueEntry, State, SupportSession
from sessions_app.quotes import Told

# Of a stay in the queue.
TOLD = ("session__language", "joined_at", "position_at_join", "expected_least_min", "expected_most_min")


@dataclass(frozen=True)
class Status:
    """Where a visit stands. Of those who wait: the place, what is left of the wait (minutes), and how the door is.

    A `most_min` of 0: it takes longer than they were told. None: they were told nothing.
    """

    state: str
    language: str
    position: int | None = None
    least_min: int | None = None
    most_min: int | None = None
    door: Door = OPEN
    callback: bool = False

    @property
    def over(self) -> bool:
        return self.state in CLOSED


@lru_cache(maxsize=4096)
def as_json(status: Status) -> str:
    """What its page is sent. Who moves up a place is told what the one before was told there."""
    return json.dumps({"type": "state", **asdict(status), "door": status.door.way, "html": render(status)})


def render(status: Status) -> str:
    with translation.override(status.language):
        return render_to_string("sessions_app/_status.html", {"status": status})


def statuses(session_ids: Collection[UUID], now: datetime) -> dict[UUID, Status]:
    """What to tell each of `session_ids`, those in the queue with what they may expect."""
    found = dict(_crowd(session_ids, now)) if len(session_ids) > 1 else {}
    found |= _states([pk for pk in session_ids if pk not in found])
    if alone := [pk for pk, status in found.items() if status.state == State.WAITING and not status.position]:
        found |= _each(alone, now)
    return found


def elsewhere(session_ids: Collection[UUID]) -> dict[UUID, Status]:
    """The same of those of them who are not in the queue: read without it, however many wait."""
    known = _states(session_ids) if session_ids else {}
    return {pk: status for pk, status in known.items() if status.state != State.WAITING}


def _states(session_ids: Collection[UUID]) -> dict[UUID, Status]:
    sessions = SupportSession.objects.filter(pk__in=session_ids).values_list("pk", "state", "language", "callback")
    return {pk: Status(state, language, callback=callback) for pk, state, language, callback in sessions}


def _crowd(session_ids: Collection[UUID], now: datetime) -> Iterator[tuple[UUID, Status]]:
    """Those who wait, by one reading of the queue."""
    wanted, how = set(session_ids), door.inside(now)
    for pk, place, told in queue.everybody(*TOLD):
        if pk in wanted:
            yield pk, _waiting(place, told, how, now)


def _each(session_ids: Collection[UUID], now: datetime) -> Iterator[tuple[UUID, Status]]:
    """Those who wait, each place read by itself: of one page, or of who has come since the queue was read."""
    how = door.inside(now)
    stays = QueueEntry.objects.filter(left_at=None, session__in=session_ids)
    for *told, priority, first_joined_at, entry, pk in stays.values_list(*TOLD, *queue.KEY):
        yield pk, _waiting(queue.place(priority, first_joined_at, entry), told, how, now)


def _waiting(place: int, told: list[Any], how: Door, now: datetime) -> Status:
    language, joined_at, place_at_join, least, most = told
    if least is not None and most is not None:
        least, most = Told(least, most, place_at_join).left(place, now - joined_at)
    return Status(State.WAITING, language, place, least, most, how)
