"""The socket of a member of staff's console. It sends only; while it is open they are at the desk."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from monitoring import StaffSocket
from sessions_app.console import PERMISSION, duty_context, mine_context
from sessions_app.live import Desk, consoles, desk_hub, watched


class DeskConsumer(StaffSocket):
    permission, hub, watched = PERMISSION, desk_hub, watched
    rows: str | None = None
    mine: tuple[object, ...] | None = None
    duty: tuple[object, ...] | None = None
    here: int | None = None

    async def connect(self) -> None:
        await super().connect()
        if self.language and self.user.pk:  # let in
            self.here = self.user.pk
            consoles.enter(self.here)

    async def disconnect(self, code: int) -> None:
        if self.here:
            consoles.leave(self.here)
        await super().disconnect(code)

    async def tell(self, value: Desk) -> None:
        if self.language not in value.figures:
            return  # computed before we came
        await self.send(value.figures[self.language])
        if value.rows[self.language] != self.rows:
            self.rows = value.rows[self.language]
            await self.send(self.rows)
        # First, so that a note which is being typed is there when the customer it was typed of is not.
        member = value.board.member(self.user.pk)
        if (duty := (member and (member.state, member.since, member.last and member.last.id),)) != self.duty:
            self.duty = duty
            await self._render("sessions_app/_duty.html", duty_context(value.board, self.user.pk))
        held, returned = value.board.held_by(self.user.pk), value.board.returned_from(self.user.pk)
        if (mine := (held and held.id, held and held.state, returned)) != self.mine:
            self.mine = mine
            await self._render("sessions_app/_mine.html", mine_context(value.board, self.user.pk))

    async def _render(self, template: str, context: dict[str, Any]) -> None:
        with translation.override(self.language):
            await self.send(render_to_string(template, {**context, "pushed": True}))
