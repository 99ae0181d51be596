"""The socket of one participant of one session, who says so by a signed token in its first message."""

import asyncio
import json
from enum import IntEnum
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation
from django.utils.translation import gettext as _

from sessions_app import live, tokens
from sessions_app.call_line import CallLine
from sessions_app.errors import DeskError
from sessions_app.limits import Bucket
from sessions_app.live import visit_hub
from sessions_app.models import Role
from sessions_app.status import Status
from sessions_app.visit_messages import HANDLERS, Visit

HELLO_WITHIN_S = 10
LARGEST = 72 * 1024  # bytes of a message that describes a call
ORDINARY = 4096  # bytes of any other
BURST, PERIOD_S = 60, 10  # a call that begins says some twenty things at once


class CloseCode(IntEnum):
    """Why the server hung up. After these, trying again with the same token is useless."""

    GARBAGE = 4400
    NOT_SIGNED = 4401
    OVER = 4410
    TOO_LARGE = 4413
    TOO_FAST = 4429


class VisitConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    visit: Visit | None = None
    told: Status | None = None

    async def connect(self) -> None:
        self.bucket = Bucket(BURST, PERIOD_S)
        await self.accept()
        self.deadline = asyncio.create_task(self._wait_for_hello())

    async def disconnect(self, _code: int) -> None:
        self.deadline.cancel()
        if self.visit:
            await self.visit.line.close()
            await visit_hub.leave(self.tell)
            live.presence.leave(self.visit.bearer.session_id)

    async def _wait_for_hello(self) -> None:
        await asyncio.sleep(HELLO_WITHIN_S)
        await self.close(CloseCode.NOT_SIGNED)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        size = len(bytes_data or (text_data or "").encode())
        if size > LARGEST:
            await self.close(CloseCode.TOO_LARGE)
        elif not self.bucket.take():
            await self.close(CloseCode.TOO_FAST)
        elif (message := parse(text_data)) is None:
            await self.close(CloseCode.GARBAGE)
        elif size > ORDINARY and message["type"] != "description":
            await self.close(CloseCode.TOO_LARGE)
        elif message["type"] == "hello":
            await self.hello(message)
        elif self.visit is None:
            await self.close(CloseCode.NOT_SIGNED)
        else:
            await self.hear(self.visit, message)

    async def hello(self, message: dict[str, Any]) -> None:
        if self.visit:
            return
        try:
            bearer = tokens.read(str(message.get("token")))
        except DeskError:
            await self.close(CloseCode.NOT_SIGNED)
            return
        self.deadline.cancel()
        if bearer.role == Role.CUSTOMER:
            live.presence.beat(bearer.session_id)
        live.presence.enter(bearer.session_id)
        self.visit = Visit(bearer, CallLine(self.channel_name, bearer.session_id, bearer.role, self.say))
        await self.visit.line.open()
        await visit_hub.join(self.tell)

    async def hear(self, visit: Visit, message: dict[str, Any]) -> None:
        handler = HANDLERS[visit.bearer.role].get(message["type"])
        try:
            answer = await handler(visit, message) if handler else {"type": "error", "message": self.unknown()}
        except DeskError as error:
            answer = {"type": "error", "message": str(error)}
        if answer is not None:
            await self.say(answer)

    async def call_signal(self, event: dict[str, Any]) -> None:
        if self.visit:
            await self.visit.line.hear(event)

    async def call_elsewhere(self, _event: dict[str, Any]) -> None:
        if self.visit:
            await self.visit.line.taken_over()

    def unknown(self) -> str:
        with translation.override(self.told.language if self.told else None):
            return _("The server does not know this kind of message. Reload the page.")

    async def tell(self, everybody: dict[UUID, Status]) -> None:
        """Pass on what the hub found out, when it is news."""
        status = everybody.get(self.visit.bearer.session_id) if self.visit else None
        if status is None or status == self.told:
            return
        self.told = status
        await self.say(status.message())
        if status.over:
            await self.close(CloseCode.OVER)

    async def say(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps(message))


def parse(text: str | None) -> dict[str, Any] | None:
    """The message in `text`: a JSON object with a type; None for anything else, however deeply it is nested."""
    try:
        message = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None
