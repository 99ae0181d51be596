"""The socket of a member of staff's console. It sends only."""

import time
from typing import Any
from urllib.parse import parse_qs

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.db import SessionStore
from django.template.loader import render_to_string
from django.utils import translation

from sessions_app.console import PERMISSION, mine_context
from sessions_app.live import Desk, desk_hub, watched
from sessions_app.queue import HeldRow

NOT_ALLOWED = 4403
CHECK_AGAIN_S = 30.0  # sessions end and permissions go while a console is open


class DeskConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    language = ""
    rows: str | None = None
    mine: tuple[object, ...] | None = None

    async def connect(self) -> None:
        await self.accept()  # first, because a refused handshake would not tell the page the code
        if not await self._allowed():
            await self.close(NOT_ALLOWED)
            return
        self.language = language_of(self.scope)
        watched[self.language] += 1
        await desk_hub.join(self.tell)

    async def disconnect(self, _code: int) -> None:
        if self.language:
            watched[self.language] -= 1
            await desk_hub.leave(self.tell)

    async def tell(self, desk: Desk) -> None:
        if time.monotonic() >= self.check_at and not await self._allowed():
            await self.close(NOT_ALLOWED)
            return
        if self.language not in desk.figures:
            return  # computed before we came
        await self.send(desk.figures[self.language])
        if desk.rows[self.language] != self.rows:
            self.rows = desk.rows[self.language]
            await self.send(self.rows)
        held = desk.board.held_by(self.user.pk)
        if (mine := (held and held.id, held and held.state)) != self.mine:
            self.mine = mine
            await self.send(render_mine(held, self.language))

    async def _allowed(self) -> bool:
        self.check_at = time.monotonic() + CHECK_AGAIN_S
        session = SessionStore(self.scope["session"].session_key)
        self.user: User | AnonymousUser = await get_user({**self.scope, "session": session})
        return bool(self.user.is_staff and await database_sync_to_async(self.user.has_perm)(PERMISSION))


def render_mine(held: HeldRow | None, language: str) -> str:
    with translation.override(language):
        return render_to_string("sessions_app/_mine.html", {**mine_context(held), "pushed": True})


def language_of(scope: dict[str, Any]) -> str:
    """The language of the page that connects, which it names in its address."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("language", [""])[0]
    try:
        return translation.get_supported_language_variant(asked)
    except LookupError:
        return str(settings.LANGUAGE_CODE)
