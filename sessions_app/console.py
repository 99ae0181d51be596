"""What the console shows, as a page, as JSON and over its socket alike."""

from dataclasses import asdict
from typing import Any

from sessions_app import tokens
from sessions_app.forms import EndForm
from sessions_app.models import Role
from sessions_app.queue import Board

PERMISSION = "sessions_app.work_desk"


def mine_context(board: Board, staff_id: int | None) -> dict[str, Any]:
    """The customer in hand, with the token by which the staff member's page takes part in the session."""
    held = board.held_by(staff_id)
    token = tokens.make(held.id, Role.STAFF, held.staff_id) if held else ""
    form = EndForm(auto_id=f"%s-{held.id}" if held else "%s")
    return {"mine": held, "token": token, "form": form, "returned": board.returned_from(staff_id)}


def as_json(board: Board, staff_id: int) -> dict[str, Any]:
    held = board.held_by(staff_id)
    return {
        "waiting": [asdict(row) for row in board.waiting],
        "mine": asdict(held) | {"token": tokens.make(held.id, Role.STAFF, staff_id)} if held else None,
        "held": [asdict(row) for row in board.served],
        "counts": board.counts.by_state() | {"joined": board.counts.joined},
        "longest_wait_s": board.longest_wait_s,
        "service": asdict(board.service),
    }
