"""What a customer is told about their visit, and how it reads."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import translation

from sessions_app import queue
from sessions_app.models import CLOSED, State, SupportSession
from sessions_app.pace import pace, quote


@dataclass(frozen=True)
class Status:
    state: str
    language: str
    position: int | None = None
    expected_wait_s: int | None = None

    @property
    def over(self) -> bool:
        return self.state in CLOSED

    @property
    def minutes(self) -> tuple[int, int] | tuple[None, None]:
        return quote(self.expected_wait_s)

    def message(self) -> dict[str, Any]:
        return {"type": "state", **asdict(self), "html": render(self)}


@lru_cache(maxsize=4096)
def render(status: Status) -> str:
    with translation.override(status.language):
        return render_to_string("sessions_app/_status.html", {"status": status})


def statuses(session_ids: Collection[UUID], now: datetime) -> dict[UUID, Status]:
    """What to tell each of `session_ids`, those in the queue with what they may expect."""
    sessions = SupportSession.objects.filter(pk__in=session_ids).values_list("pk", "state", "language")
    known = {pk: Status(state, language) for pk, state, language in sessions}
    if any(status.state == State.WAITING for status in known.values()):
        places = queue.positions()
        waits = pace(now).expected_waits_s(len(places))
        for (pk, place), wait_s in zip(places.items(), waits, strict=True):
            if pk in known:
                known[pk] = Status(State.WAITING, known[pk].language, place, wait_s)
    return known
