"""What the board's templates show, in the language that is active; the same for a page and for who watches it."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from sessions_app.board import Board
from sessions_app.board_figures import Compared, compared, figures, levels
from sessions_app.board_plots import plots
from sessions_app.board_windows import BEFORE, NAMES, WEEK, Asked
from sessions_app.hourly import zone

Choice = tuple[str, str, bool]  # label, address, whether it is the one that is shown


def compare(found: Board) -> dict[str, list[Compared]]:
    """The figures, and the service level as others count it, each with what it was before."""
    now, before = found.service, found.before
    return {
        "figures": compared(figures(now), figures(before), now, before),
        "levels": compared(levels(now), levels(before), now, before),
    }


def past(found: Board) -> dict[str, Any]:
    """All that is shown of a stretch of time."""
    return {
        **compare(found),
        "board": found,
        "plots": plots(found),
        "choices": windows(found.asked),
        "againsts": againsts(found.asked),
        "columns": columns(found.asked),
        "told": told(found),
        "zone": settings.TIME_ZONE,
        "today": found.read_at.astimezone(zone()).date().isoformat(),
    }


def windows(asked: Asked) -> list[Choice]:
    labels = {"today": _("Today"), "24h": _("24 hours"), "7d": _("7 days"), "30d": _("30 days")}
    shown = "" if asked.day else asked.window
    return [(labels[name], asked.but(window=name, day=""), name == shown) for name in NAMES]


def againsts(asked: Asked) -> list[Choice]:
    labels = {BEFORE: _("the day before"), WEEK: _("a week before")}
    return [(label, asked.but(against=name), name == asked.against) for name, label in labels.items()]


def columns(asked: Asked) -> list[tuple[str, str, str]]:
    """The columns of the table of staff: label, the address that sorts by it, and how it is sorted by now."""
    labels = {
        "staff": _("Staff"),
        "handled": _("Handled"),
        "aht": _("Average handling time"),
        "duty": _("On duty"),
        "paused": _("Paused"),
        "occupancy": _("Occupancy"),
    }
    by, way = asked.order.removeprefix("-"), "descending" if asked.order.startswith("-") else "ascending"
    return [(labels[name], asked.but(order=_turned(name, asked.order)), way if name == by else "") for name in labels]


def _turned(name: str, order: str) -> str:
    """By `name`: numbers from the greatest, names from the first, and the other way when it is so already."""
    first, other = (name, f"-{name}") if name == "staff" else (f"-{name}", name)
    return other if order == first else first


def told(found: Board) -> list[tuple[str, int, float, str]]:
    """What the expected waits were worth: label, number, share and colour; empty when there were none."""
    grades = found.service.quotes
    rows = (
        (_("Shorter than told"), grades.shorter, "muted"),
        (_("Within the range told"), grades.kept, "good"),
        (_("Longer than told"), grades.longer, "warn"),
    )
    graded = sum(number for _label, number, _css in rows)
    return [(label, number, number / graded, css) for label, number, css in rows] if graded else []
