"""What the console shows, as a page, as JSON and over its socket alike."""

from dataclasses import asdict
from typing import Any

from django.conf import settings

from sessions_app import duty, tokens
from sessions_app.forms import EndForm, WriteUpForm
from sessions_app.models import Role, StaffPeriod
from sessions_app.queue import Board

PERMISSION = "sessions_app.work_desk"


def mine_context(board: Board, staff_id: int | None) -> dict[str, Any]:
    """The customer in hand, with the token by which the staff member's page takes part in the session."""
    held = board.held_by(staff_id)
    token = tokens.make(held.id, Role.STAFF, held.staff_id) if held else ""
    form = EndForm(auto_id=f"%s-{held.id}" if held else "%s")
    return {"mine": held, "token": token, "form": form, "returned": board.returned_from(staff_id)}


def duty_context(board: Board, staff_id: int | None) -> dict[str, Any]:
    """The member of staff's own state, and the session that they may still write up."""
    member = board.member(staff_id)
    last = member and member.last
    return {
        "member": member,
        "last": last,
        "last_form": WriteUpForm(),
        "reasons": StaffPeriod.Reason.choices,
        "wrap_up_s": settings.DESK_WRAP_UP_S,
    }


def _duty_json(member: duty.Member) -> dict[str, Any]:
    told = ("staff_id", "staff", "state", "reason", "since", "for_s")
    return {name: getattr(member, name) for name in told}


def as_json(board: Board, staff_id: int) -> dict[str, Any]:
    held, member = board.held_by(staff_id), board.member(staff_id)
    return {
        "waiting": [asdict(row) for row in board.waiting],
        "mine": asdict(held) | {"token": tokens.make(held.id, Role.STAFF, staff_id)} if held else None,
        "held": [asdict(row) for row in board.served],
        "callbacks": [asdict(row) for row in board.callbacks],
        "counts": board.counts.by_state() | {"joined": board.counts.joined},
        "longest_wait_s": board.longest_wait_s,
        "duty": {
            "mine": _duty_json(member) | {"last": member.last and asdict(member.last)} if member else None,
            "counts": duty.counts(board.staff),
            "staff": [_duty_json(row) for row in board.staff],
        },
        "service": asdict(board.service),
    }
