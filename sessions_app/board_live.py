"""What open boards are told: read once a tick, and drawn once for each language and stretch of time that is watched."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

from django.template.loader import render_to_string
from django.utils import timezone, translation

from monitoring import LiveHub
from sessions_app import board_now
from sessions_app.board import Board, board
from sessions_app.board_pages import past
from sessions_app.board_windows import Asked

EVERY = 2.0  # seconds between two pushes of what is now
ANEW = 30.0  # seconds between two readings of the stretches of time

K = TypeVar("K")
Wanted = tuple[str, Asked]  # a language, and what of the past


@dataclass(frozen=True)
class Tick:
    """`now` by language; `past` changes far less often."""

    now: dict[str, str]
    past: dict[Wanted, str]


watched: Counter[str] = Counter()  # languages of the boards that are open
wanted: Counter[Wanted] = Counter()  # what they show of the past
drawn: dict[Wanted, tuple[float, str]] = {}  # with when that was


def tick() -> Tick:
    seen = board_now.read(timezone.now())
    _draw()
    return Tick(
        now={language: _now(language, seen) for language in _open(watched)},
        past={one: html for one, (_at, html) in drawn.items()},
    )


def _draw() -> None:
    """Draw anew what was not drawn lately, each stretch of time read once for all languages."""
    shown, read = _open(wanted), dict[Asked, Board]()
    for one in [one for one in drawn if one not in shown]:
        del drawn[one]
    for language, asked in shown:
        if (language, asked) in drawn and time.monotonic() - drawn[language, asked][0] < ANEW:
            continue
        if asked not in read:
            read[asked] = board(asked, timezone.now())
        with translation.override(language):
            html = render_to_string("sessions_app/_board_past.html", {**past(read[asked]), "pushed": True})
        drawn[language, asked] = time.monotonic(), html


def _open(counted: "Counter[K]") -> list[K]:
    return [one for one, watchers in list(counted.items()) if watchers]


def _now(language: str, seen: board_now.Now) -> str:
    with translation.override(language):
        return render_to_string("sessions_app/_board_now.html", {"now": seen, "pushed": True})


hub: LiveHub[Tick] = LiveHub(tick, every=EVERY)
