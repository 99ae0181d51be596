"""How the desk was over a stretch of time: in all, against the same stretch before, step by step, and by staff."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sessions_app import hourly, service
from sessions_app.board_windows import Asked, Window, window
from sessions_app.counting import Part
from sessions_app.service import Handled, Service
from sessions_app.tallying import MICROSECOND, Tally, total

ORDER_BY = {
    "handled": "handled",
    "aht": "aht_s",
    "duty": "on_duty_s",
    "paused": "paused_s",
    "occupancy": "occupancy",
    "staff": "staff",
}


@dataclass(frozen=True)
class Step:
    """An hour or a day, as far as it has come. `tally` is None of one that is to come."""

    since: datetime
    until: datetime
    tally: Tally | None
    staff_on_duty: float | None
    """How many members of staff were on duty on average, paused ones included."""

    def as_json(self) -> dict[str, Any]:
        shown = self.tally or Tally()
        return {
            "since": self.since,
            "until": self.until,
            "offered": shown.offered,
            "answered": shown.answered,
            "abandoned": shown.abandoned,
            "missed": shown.missed,
            "service_level": shown.service_level,
            "abandon_rate": shown.abandon_rate,
            "asa_s": shown.asa_s,
            "longest_wait_s": shown.longest_s,
            "aht_s": shown.aht_s,
            "occupancy": shown.occupancy,
            "staff_on_duty": self.staff_on_duty,
        }


@dataclass(frozen=True)
class Board:
    asked: Asked
    read_at: datetime
    window: Window
    service: Service
    before: Service
    steps: list[Step]
    staff: list[Handled]

    @property
    def empty(self) -> bool:
        """Nobody joined and nobody was on duty."""
        return not self.service.joined and not self.service.staff


def board(wanted: Asked, now: datetime) -> Board:
    """Raises BadAddress for a day that cannot be shown."""
    chosen = window(wanted, now)
    found = hourly.look(chosen.since, now, chosen.until)
    since, until = chosen.before
    shown = service.of(found, chosen.since, chosen.until or now, chosen.name)
    return Board(
        asked=wanted,
        read_at=now,
        window=chosen,
        service=shown,
        before=service.of(hourly.look(since, now, until), since, until, chosen.name),
        steps=_steps(chosen, found.parts, now),
        staff=in_order(shown.staff, wanted.order),
    )


def _steps(chosen: Window, parts: list[Part], now: datetime) -> list[Step]:
    own: defaultdict[int, list[Tally]] = defaultdict(list)
    at = 0
    for part in parts:
        while part.since >= chosen.steps[at][1]:
            at += 1
        own[at].append(part.tally)
    return [_step(chosen, number, own.get(number), now) for number in range(len(chosen.steps))]


def _step(chosen: Window, number: int, own: list[Tally] | None, now: datetime) -> Step:
    since, until = chosen.steps[number]
    lasted = min(until, chosen.until or now) - max(since, chosen.since)
    tally = total(own) if own else None
    known_us = lasted // MICROSECOND
    return Step(since, until, tally, tally.on_duty_us / known_us if tally and known_us > 0 else None)


def in_order(staff: tuple[Handled, ...], order: str) -> list[Handled]:
    """By the column `order`, from the greatest with "-"; who has no such number comes last either way."""
    name = ORDER_BY[order.removeprefix("-")]
    known = [row for row in staff if getattr(row, name) is not None]
    known.sort(key=lambda row: getattr(row, name), reverse=order.startswith("-"))
    return known + [row for row in staff if getattr(row, name) is None]
