"""The socket of one participant of one session, who says so by a signed token in its first message."""

import asyncio
import json
from contextlib import suppress
from functools import partial
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation
from django.utils.translation import gettext as _

from sessions_app import live, queue, tokens
from sessions_app.call_line import CallLine
from sessions_app.close_codes import CloseCode, reason
from sessions_app.errors import DeskError
from sessions_app.limits import Bucket
from sessions_app.live import Reading, change_hub, visit_hub
from sessions_app.patience import Patience
from sessions_app.socket_limits import Receive, Scope, Send, language_of
from sessions_app.status import Status, as_json
from sessions_app.switchboard import Switchboard
from sessions_app.visit_messages import HANDLERS, Visit, heartbeat

HELLO_WITHIN_S = 10
LARGEST = 72 * 1024  # bytes of a message that describes a call
ORDINARY = 4096  # bytes of any other
BEATS_MISSED = 3  # in a row, after which the line is dead: 15 s
BURST, PERIOD_S = 60, 10  # a call that begins says some twenty things at once


switchboard: Switchboard["VisitConsumer"] = Switchboard()


class VisitConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    visit: Visit | None = None
    told: Status | None = None
    told_at = 0.0
    hung_up = False
    patience: Patience | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """However this ends, nothing of it stays: a client that vanishes while it is answered is no disconnect."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels does, without its look after old database connections: ours are closed after each use.

        For that look it visits their thread at every sign of life, of which thousands of pages give hundreds a second.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.bucket = Bucket(BURST, PERIOD_S)
        self.language = language_of(self.scope)
        await self.accept()
        if switchboard.arrive(self):
            self.expect_a_word(HELLO_WITHIN_S)
        else:
            await self.hang_up(CloseCode.FULL)

    def expect_a_word(self, within_s: float) -> None:
        if self.patience:
            self.patience.end()
        self.patience = Patience(within_s, partial(self.hang_up, CloseCode.SILENT))

    async def leave(self) -> None:
        """Be forgotten by everybody who knows of this page; a second time does nothing."""
        self.hung_up = True
        if self.patience:
            self.patience.end()
        visit, self.visit = self.visit, None
        switchboard.leave(self, visit.bearer if visit else None)
        if visit:
            live.presence.leave(visit.bearer.session_id)
            await change_hub.leave(self.tell)
            await visit_hub.leave(self.tell)
            await visit.line.close()

    async def hang_up(self, code: CloseCode) -> None:
        """Close, once: what comes after that is neither heard nor answered."""
        if self.hung_up:
            return
        self.hung_up = True
        if code is CloseCode.SILENT:
            await self.leave()  # at once: perhaps nothing can be said to them either
        with suppress(OSError):  # they were faster
            await self.close(code, reason(code, self.language))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.hung_up:
            return
        if self.patience and self.visit:
            self.patience.heard()
        size = len(bytes_data or (text_data or "").encode(errors="surrogatepass"))
        if size > LARGEST:
            await self.hang_up(CloseCode.TOO_LARGE)
        elif not self.bucket.take():
            await self.hang_up(CloseCode.TOO_FAST)
        elif (message := parse(text_data)) is None:
            await self.hang_up(CloseCode.GARBAGE)
        elif size > ORDINARY and message["type"] != "description":
            await self.hang_up(CloseCode.TOO_LARGE)
        elif message["type"] == "hello":
            await self.hello(message)
        elif self.visit is None:
            await self.hang_up(CloseCode.NOT_SIGNED)
        else:
            await self.hear(self.visit, message)

    async def hello(self, message: dict[str, Any]) -> None:
        if self.visit:
            return
        try:
            bearer = tokens.read(str(message.get("token")))
        except DeskError:
            await self.hang_up(CloseCode.NOT_SIGNED)
            return
        self.expect_a_word(BEATS_MISSED * queue.beat_s())
        self.visit = Visit(bearer, CallLine(self.channel_name, bearer, self.say))
        live.presence.enter(bearer.session_id)
        await heartbeat(self.visit, message)
        if oldest := switchboard.introduce(self, bearer):
            self.farewell = asyncio.create_task(oldest.hang_up(CloseCode.ELSEWHERE))  # whose line may be stuck
        await self.say({"type": "hello", "beat_ms": int(queue.beat_s() * 1000)})
        if self.visit:  # and has not been hung up on meanwhile
            await self.visit.line.open()
            await change_hub.join(self.tell, self.is_news)
            await visit_hub.join(self.tell, self.is_news)

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

    async def call_opened(self, event: dict[str, Any]) -> None:
        if self.visit:
            await self.visit.line.opened(event)

    def unknown(self) -> str:
        with translation.override(self.language):
            return _("The server does not know this kind of message. Reload the page.")

    def is_news(self, reading: Reading) -> bool:
        """Both hubs read and tell beside each other: what was read before what this page knows is old."""
        if self.visit is None or reading.at < self.told_at:
            return False
        return reading.statuses.get(self.visit.bearer.session_id, self.told) != self.told

    async def tell(self, reading: Reading) -> None:
        """Pass on what a hub found out."""
        if self.visit is None or not self.is_news(reading):  # by now
            return
        status = reading.statuses[self.visit.bearer.session_id]
        self.told, self.told_at, self.language = status, reading.at, status.language
        await self.send_text(as_json(status))
        if status.over:
            await self.hang_up(CloseCode.OVER)

    async def say(self, message: dict[str, Any]) -> None:
        await self.send_text(json.dumps(message))

    async def send_text(self, text: str) -> None:
        if self.hung_up:
            return
        with suppress(OSError):  # they have gone: we hear of it next
            await self.send(text)


def parse(text: str | None) -> dict[str, Any] | None:
    """The message in `text`: a JSON object with a type; None for anything else, however deeply it is nested."""
    try:
        message = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None
