"""The steps of the board as charts."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from monitoring import Curve, Plot
from sessions_app.board import Board, Step
from sessions_app.tallying import Tally

Read = Callable[[Tally], float | None]


def plots(board: Board) -> list[Plot]:
    """How many came and what became of them; how soon; how long; who was there, and how busy."""
    level = [
        _curve(board, _("Service level"), lambda tally: tally.service_level),
        Curve(_("Objective"), [settings.DESK_SERVICE_LEVEL] * len(board.steps), "max"),
    ]
    waits = [
        _curve(board, _("Average speed of answer"), lambda tally: tally.asa_s),
        _curve(board, _("Longest wait"), lambda tally: tally.longest_s, "max"),
    ]
    staff = Curve(_("On duty"), _points(board, lambda step: step.staff_on_duty), "first")
    busy = [_curve(board, _("Occupancy"), lambda tally: tally.occupancy)]
    return [
        _plot(board, _("Customers"), "", _customers(board), kind="columns"),
        _plot(board, _("Service level"), "share", level),
        _plot(board, _("Waits"), "s", waits, float(settings.DESK_SERVICE_TARGET_S)),
        _plot(board, _("Handling time"), "s", [_curve(board, _("Average handling time"), lambda tally: tally.aht_s)]),
        _plot(board, _("Staff on duty, on average"), "", [staff]),
        _plot(board, _("Occupancy"), "share", busy),
    ]


def _customers(board: Board) -> list[Curve]:
    return [
        _curve(board, _("Offered"), lambda tally: tally.offered, "second"),
        _curve(board, _("Answered"), lambda tally: tally.answered, "first"),
        _curve(board, _("Abandoned"), lambda tally: tally.abandoned, "bad"),
    ]


def _plot(
    board: Board, title: str, unit: str, curves: Sequence[Curve], limit: float | None = None, kind: str = "lines"
) -> Plot:
    since, until = board.window.begins.timestamp(), board.window.ends.timestamp()
    return Plot(title, unit, since, until, curves, limit=limit, kind="columns" if kind == "columns" else "lines")


def _curve(board: Board, label: str, read: Read, css: str = "first") -> Curve:
    return Curve(label, _points(board, lambda step: read(step.tally) if step.tally else None), css)


def _points(board: Board, read: Callable[[Step], float | None]) -> list[float | None]:
    return [read(step) for step in board.steps]
