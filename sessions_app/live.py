"""What the live pages are told: computed once a tick and process, however many watch."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db import Error
from django.template.loader import render_to_string
from django.utils import timezone, translation

from monitoring import LiveHub, NewsHub
from sessions_app import duty, queue, sweeping
from sessions_app.status import Status, elsewhere, statuses

GROUP = "desk"
K = TypeVar("K", int, UUID)


class Here(Generic[K]):
    """Whose sockets this process holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: Counter[K] = Counter()

    def enter(self, who: K) -> None:
        with self._lock:
            self._open[who] += 1

    def leave(self, who: K) -> None:
        with self._lock:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]

    def here(self) -> list[K]:
        with self._lock:
            return list(self._open)


consoles: Here[int] = Here()  # members of staff


class Presence(Here[UUID]):
    """Which customers are here, and which of them have beaten since that was last written."""

    def __init__(self) -> None:
        super().__init__()
        self._beaten: set[UUID] = set()
        self._written_at = 0.0
        self._cut_off = False

    def beat(self, session_id: UUID) -> None:
        with self._lock:
            self._beaten.add(session_id)

    def write(self, now: datetime) -> None:
        """Write all beats in one UPDATE, and end what has ended by itself, once a beat. An open console is a beat.

        While the database is away beats are kept. When it is back nobody is gone for what could not be written.
        """
        if time.monotonic() - self._written_at < queue.beat_s():
            return
        with self._lock:
            beaten, self._beaten = self._beaten, set()
        try:
            if self._cut_off:
                sweeping.give_time(now)
            self._write(beaten, now)
        except Error:
            self._cut_off = True
            with self._lock:
                self._beaten |= beaten
            raise
        self._written_at, self._cut_off = time.monotonic(), False

    @staticmethod
    def _write(beaten: set[UUID], now: datetime) -> None:
        if beaten:
            sweeping.heartbeat(beaten, now)
        if staff := consoles.here():
            duty.seen(staff, now)
        sweeping.sweep(now)


presence = Presence()


@dataclass(frozen=True)
class Reading:
    """How visits stand, by session, as of `at` (seconds of the monotonic clock) or later."""

    at: float
    statuses: dict[UUID, Status]


def visits() -> Reading:
    """Everybody who is here: with each who is taken all others move up."""
    now, at = timezone.now(), time.monotonic()
    presence.write(now)
    return Reading(at, statuses(presence.here(), now))


def changed(session_ids: frozenset[str]) -> Reading:
    """Those who are here and do not wait, or do no longer."""
    at, here = time.monotonic(), {str(pk): pk for pk in presence.here()}
    return Reading(at, elsewhere([here[pk] for pk in session_ids & here.keys()]))


@dataclass(frozen=True)
class Desk:
    """The desk of one tick: `figures` change all the time, `rows` only with the queue; both by language."""

    board: queue.Board
    figures: dict[str, str]
    rows: dict[str, str]


watched: Counter[str] = Counter()  # languages of the consoles that are open


def desk() -> Desk:
    now = timezone.now()
    presence.write(now)
    board = queue.board(now)
    languages = [language for language, watchers in watched.items() if watchers]
    rendered = {language: _render(board, language) for language in languages}
    return Desk(
        board,
        figures={language: figures for language, (figures, _) in rendered.items()},
        rows={language: rows for language, (_, rows) in rendered.items()},
    )


def _render(board: queue.Board, language: str) -> tuple[str, str]:
    with translation.override(language):
        context = {"board": board, "pushed": True}
        return (
            render_to_string("sessions_app/_figures.html", context),
            render_to_string("sessions_app/_queue.html", context)
            + render_to_string("sessions_app/_callbacks.html", context),
        )


change_hub: NewsHub[Reading] = NewsHub(changed, group=GROUP)
# Places, and the whole desk, which is a dozen questions to the database, are told three times a second at most.
visit_hub: LiveHub[Reading] = LiveHub(visits, group=GROUP, pause=0.3)
desk_hub: LiveHub[Desk] = LiveHub(desk, group=GROUP, pause=0.3)
