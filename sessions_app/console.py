"""What the console shows, as a page, as JSON and over its socket alike."""

from dataclasses import asdict
from typing import Any

from sessions_app import tokens
from sessions_app.forms import EndForm
from sessions_app.models import Role
from sessions_app.queue import Board, HeldRow

PERMISSION = "sessions_app.work_desk"


def mine_context(held: HeldRow | None) -> dict[str, Any]:
    """The customer in hand, with the token by which the staff member's page takes part in the session."""
    token = tokens.make(held.id, Role.STAFF, held.staff_id) if held else ""
    return {"mine": held, "token": token, "form": EndForm(auto_id=f"%s-{held.id}" if held else "%s")}


def as_json(board: Board, staff_id: int) -> dict[str, Any]:
    held = board.held_by(staff_id)
    return {
        "waiting": [asdict(row) for row in board.waiting],
        "mine": asdict(held) | {"token": tokens.make(held.id, Role.STAFF, staff_id)} if held else None,
        "held": [asdict(row) for row in board.held],
        "counts": board.counts.by_state() | {"joined": board.counts.joined},
        "longest_wait_s": board.longest_wait_s,
    }
