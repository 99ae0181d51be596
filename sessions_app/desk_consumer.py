"""The socket of a member of staff's console. It sends only."""

from django.template.loader import render_to_string
from django.utils import translation

from monitoring import StaffSocket
from sessions_app.console import PERMISSION, mine_context
from sessions_app.live import Desk, desk_hub, watched
from sessions_app.queue import Board


class DeskConsumer(StaffSocket):
    permission, hub, watched = PERMISSION, desk_hub, watched
    rows: str | None = None
    mine: tuple[object, ...] | None = None

    async def tell(self, value: Desk) -> None:
        if self.language not in value.figures:
            return  # computed before we came
        await self.send(value.figures[self.language])
        if value.rows[self.language] != self.rows:
            self.rows = value.rows[self.language]
            await self.send(self.rows)
        held, returned = value.board.held_by(self.user.pk), value.board.returned_from(self.user.pk)
        if (mine := (held and held.id, held and held.state, returned)) != self.mine:
            self.mine = mine
            await self.send(render_mine(value.board, self.user.pk, self.language))


def render_mine(board: Board, staff_id: int | None, language: str) -> str:
    with translation.override(language):
        return render_to_string("sessions_app/_mine.html", {**mine_context(board, staff_id), "pushed": True})
