"""The socket of one participant of one session, who says so by a signed token in its first message."""

import asyncio
import json
from enum import IntEnum
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sessions_app import calls, lifecycle, reports, signalling, tokens
from sessions_app.call_line import CallLine
from sessions_app.errors import DeskError
from sessions_app.limits import Bucket
from sessions_app.live import presence, visit_hub
from sessions_app.models import Role
from sessions_app.status import Status
from sessions_app.tokens import Bearer

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
    bearer: Bearer | None = None
    line: CallLine | None = None
    told: Status | None = None

    async def connect(self) -> None:
        self.bucket = Bucket(BURST, PERIOD_S)
        await self.accept()
        self.deadline = asyncio.create_task(self._wait_for_hello())

    async def disconnect(self, _code: int) -> None:
        self.deadline.cancel()
        if self.bearer and self.line:
            await self.line.close()
            await visit_hub.leave(self.tell)
            presence.leave(self.bearer.session_id)

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
        elif self.bearer is None or self.line is None:
            await self.close(CloseCode.NOT_SIGNED)
        else:
            await self.hear(self.bearer, self.line, message)

    async def hello(self, message: dict[str, Any]) -> None:
        if self.bearer:
            return
        try:
            self.bearer = tokens.read(str(message.get("token")))
        except DeskError:
            await self.close(CloseCode.NOT_SIGNED)
            return
        self.deadline.cancel()
        session_id, role = self.bearer.session_id, self.bearer.role
        if role == Role.CUSTOMER:
            presence.beat(session_id)
        presence.enter(session_id)
        self.line = CallLine(self.channel_name, session_id, role, self.say)
        await self.line.open()
        await visit_hub.join(self.tell)

    async def hear(self, bearer: Bearer, line: CallLine, message: dict[str, Any]) -> None:
        kind, customer, session_id = message["type"], bearer.role == Role.CUSTOMER, bearer.session_id
        try:
            if kind == "heartbeat":
                if customer:  # a member of staff who watches does not keep the customer's place
                    presence.beat(session_id)
            elif kind == "connected" and customer:
                await database_sync_to_async(lifecycle.connected)(session_id, timezone.now())
            elif kind == "answering" and customer:
                await database_sync_to_async(lifecycle.answering)(session_id, timezone.now())
            elif kind == "report":
                offered_at = line.offered_at(message.get("attempt")) if customer else None
                store = database_sync_to_async(reports.report)
                reason = await store(session_id, bearer.role, message, timezone.now(), offered_at)
                await self.say({"type": "report", "accepted": not reason, "reason": reason})
            elif kind == "ice":
                servers = await database_sync_to_async(calls.ice_servers)(bearer, timezone.now())
                await self.say({"type": "ice", "servers": servers})
            elif kind in signalling.KINDS:
                signal = signalling.passed_on(message)
                if await database_sync_to_async(calls.takes_part)(bearer):
                    await line.pass_on(signal)
            else:
                await self.say({"type": "error", "message": self.unknown()})
        except DeskError as error:
            await self.say({"type": "error", "message": str(error)})

    async def call_signal(self, event: dict[str, Any]) -> None:
        if self.line:
            await self.line.hear(event)

    async def call_elsewhere(self, _event: dict[str, Any]) -> None:
        if self.line:
            await self.line.taken_over()

    def unknown(self) -> str:
        with translation.override(self.told.language if self.told else None):
            return _("The server does not know this kind of message. Reload the page.")

    async def tell(self, everybody: dict[UUID, Status]) -> None:
        """Pass on what the hub found out, when it is news."""
        status = everybody.get(self.bearer.session_id) if self.bearer else None
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
