"""What a customer is told about their visit, and how it reads."""

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import translation

from sessions_app import door, queue
from sessions_app.door import OPEN, Door
from sessions_app.models import CLOSED, QueueEntry, State, SupportSession
from sessions_app.quotes import Told

TOLD = ("joined_at", "position_at_join", "expected_least_min", "expected_most_min")  # of a stay in the queue


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
    known = _states(session_ids)
    if any(status.state == State.WAITING for status in known.values()):
        waiting = {pk: status.language for pk, status in known.items() if status.state == State.WAITING}
        known |= _waiting(waiting, now)
    return known


def elsewhere(session_ids: Collection[UUID]) -> dict[UUID, Status]:
    """The same of those of them who are not in the queue: read without it, however many wait."""
    known = _states(session_ids) if session_ids else {}
    return {pk: status for pk, status in known.items() if status.state != State.WAITING}


def _states(session_ids: Collection[UUID]) -> dict[UUID, Status]:
    sessions = SupportSession.objects.filter(pk__in=session_ids).values_list("pk", "state", "language", "callback")
    return {pk: Status(state, language, callback=callback) for pk, state, language, callback in sessions}


def _waiting(languages: dict[UUID, str], now: datetime) -> Iterator[tuple[UUID, Status]]:
    places = queue.positions() if len(languages) > 1 else None
    stays, how = QueueEntry.objects.filter(left_at=None, session__in=languages), door.inside(now)
    for *key, pk, joined_at, place_at_join, least, most in stays.values_list(*queue.KEY, *TOLD):
        place = queue.place(*key) if places is None else places.get(pk)
        if place and least is not None and most is not None:
            least, most = Told(least, most, place_at_join).left(place, now - joined_at)
        yield pk, Status(State.WAITING, languages[pk], place, least, most, how)
