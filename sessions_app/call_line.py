"""One participant's line to the other: what is said goes to their newest page, in whichever process its socket is."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer

from sessions_app.models import Role
from sessions_app.signalling import OTHER, Signal


class CallLine:
    """`say` sends to the page whose line this is. A participant's second page takes the line over from the first."""

    def __init__(self, channel: str, session_id: UUID, role: Role, say: Callable[[Signal], Awaitable[None]]) -> None:
        self._layer = get_channel_layer()
        self._channel, self._say = channel, say
        self._own, self._other = _group(session_id, role), _group(session_id, OTHER[role])
        self._taken_over = False

    async def open(self) -> None:
        await self._layer.group_send(self._own, {"type": "call.elsewhere"})
        await self._layer.group_add(self._own, self._channel)

    async def close(self) -> None:
        await self._layer.group_discard(self._own, self._channel)

    async def pass_on(self, message: Signal) -> None:
        if not self._taken_over:
            await self._layer.group_send(self._other, {"type": "call.signal", "message": message})

    async def hear(self, event: dict[str, Any]) -> None:
        if not self._taken_over:
            await self._say(event["message"])

    async def taken_over(self) -> None:
        self._taken_over = True
        await self._say({"type": "elsewhere"})


def _group(session_id: UUID, role: Role) -> str:
    return f"call.{session_id.hex}.{role.value}"
