"""Customers and staff of the load, each as their browser speaks: forms with CSRF, a page, a WebSocket, buttons."""

import asyncio
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from html import unescape
from itertools import count
from time import perf_counter
from typing import Any

from tests.load.tally import Tally
from tests.load.wire import PATIENCE_S, Answer, Line, Lost, Socket

FORM_TOKEN = rb'name="csrfmiddlewaretoken" value="(\w+)"'
SOCKET_TOKEN = rb'data-token="([^"]+)"'
CSRF = "l" * 32  # the cookie and the header of a member of staff, who brings both
OVER = {"ended", "abandoned", "expired"}
BEAT_S, TURNS = 5.0, 50


@dataclass
class Desk:
    """What people know of each other: `waiting` has one entry for each customer whose page has heard how they stand."""

    port: int
    tally: Tally
    talk_s: float = 0.5
    waiting: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    customers: "dict[str, Customer]" = field(default_factory=dict)
    """By session, from the join to its end."""
    moved_at: float = 0.0
    """When the last page answered a claim, by which everybody behind it moves up."""

    async def customer(self, session: str) -> "Customer":
        """Who was claimed; perhaps before they have heard that they joined."""
        while session not in self.customers:
            await asyncio.sleep(0.01)
        return self.customers[session]

    async def beat(self) -> None:
        """Signs of life of all pages, one after the other, until it is cancelled."""
        for turn in count():
            await asyncio.sleep(BEAT_S / TURNS)
            for customer in list(self.customers.values()):
                if customer.socket and customer.number % TURNS == turn % TURNS:
                    customer.socket.say({"type": "heartbeat"})


class Customer:
    """Joins, waits with the page open, hears of the claim, is connected, and stays until the session is ended."""

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk, self._line, self.number = desk, Line(desk.port, address_of(number)), number
        self._cookie = self._link = self.state = ""
        self.socket: Socket | None = None
        self.heard_at: float | None = None
        """When the page, being open, heard of the claim."""
        self.claimed, self.connected = asyncio.Event(), asyncio.Event()

    async def live(self) -> None:
        try:
            await self.stay(await self.join())
        except Lost as lost:
            self._desk.tally.errors[str(lost)] += 1
        finally:
            self.leave()

    async def join(self) -> str:
        """The token of the visit."""
        form = await self._line.request("GET", "/")
        self._cookie = f"Cookie: {form.header('set-cookie').partition(';')[0]}\r\n"
        fields = f"name=Customer+{self.number}&topic=Load&csrfmiddlewaretoken={form.find(FORM_TOKEN)}"
        began = perf_counter()
        joined = await self._line.request("POST", "/", fields, self._cookie)
        if joined.status != 303:
            raise Lost(f"a join was answered with {joined.status}")
        self._desk.tally.joined += 1
        self._desk.tally.took("join", perf_counter() - began)
        self._link = joined.header("location")
        self._desk.customers[session_of(self._link.split("/")[2])] = self
        page = await self.look()
        self.leave()
        return unescape(page.find(SOCKET_TOKEN))

    async def look(self) -> Answer:
        """Open the page of the visit, which answers a claim by itself."""
        page = await self._line.request("GET", self._link, headers=self._cookie)
        if page.status != 200:
            raise Lost(f"a visit's page was answered with {page.status}")
        return page

    def leave(self) -> None:
        self._line.close()

    async def stay(self, token: str) -> None:
        """With the page open, until the session is over. Raises Lost."""
        tally = self._desk.tally
        self._desk.customers[session_of(token)] = self
        self.socket = await self._line.upgrade("/ws/visit/")
        tally.here += 1
        try:
            self.socket.say({"type": "hello", "token": token})
            async for message in self.socket.messages():
                if message["type"] == "state":
                    self._enter(message["state"])
            if self.state not in OVER:
                raise Lost(f"a socket was closed with {self.socket.closed_with} while {self.state or 'new'}")
            tally.served += self.state == "ended"
        finally:
            tally.here -= 1
            del self._desk.customers[session_of(token)]
            self.socket.close()
            self.socket = None

    def _enter(self, state: str) -> None:
        before, self.state = self.state, state
        if not before:
            self._desk.waiting.put_nowait(None)
        if state == "connecting" and self.socket:
            self.heard_at = perf_counter() if before == "waiting" else None
            self.socket.say({"type": "connected"})
            self._desk.moved_at = perf_counter()
        if state == "waiting" and before == "waiting" and self._desk.moved_at:
            self._desk.tally.took("place", perf_counter() - self._desk.moved_at)
        if state != "waiting":
            self.claimed.set()
        if state not in ("waiting", "connecting"):
            self.connected.set()


class Staff:
    """Takes who is next as soon as a page waits, talks, and ends the session. Already logged in."""

    def __init__(self, desk: Desk, number: int, login: str) -> None:
        self._desk, self._line = desk, Line(desk.port, f"127.1.{number // 250}.{number % 250 + 1}")
        self._headers = (
            f"Cookie: adminara_session={login}; csrftoken={CSRF}\r\nX-CSRFToken: {CSRF}\r\nAccept: application/json\r\n"
        )

    def leave(self) -> None:
        self._line.close()

    async def work(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._desk.waiting.get()
            try:
                await self.serve()
            except Lost as lost:
                self._desk.tally.errors[str(lost)] += 1

    async def serve(self) -> None:
        session = await self.claim()
        await asyncio.sleep(self._desk.talk_s)
        await self.end(session)

    async def claim(self) -> str:
        """The session of who was next, whose page has answered."""
        began = perf_counter()
        session = await self.take()
        await self._meet(session, began, perf_counter())
        return session

    async def take(self) -> str:
        began = perf_counter()
        session = str((await self.press("next/"))["id"])
        self._desk.tally.claimed += 1
        self._desk.tally.took("claim", perf_counter() - began)
        return session

    async def end(self, session: str) -> None:
        began = perf_counter()
        await self.press(f"{session}/end/", "outcome=resolved&note=")
        self._desk.tally.took("end", perf_counter() - began)

    async def _meet(self, session: str, began: float, answered: float) -> None:
        """Wait until the customer's page has heard of the claim, and the server of that."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                customer = await self._desk.customer(session)
                await customer.claimed.wait()
                if customer.heard_at is not None:
                    self._desk.tally.took("push", max(0.0, customer.heard_at - answered))
                    self._desk.tally.took("press to page", customer.heard_at - began)
                await customer.connected.wait()
        except TimeoutError as error:
            raise Lost("a customer did not answer") from error

    async def watch(self) -> None:
        """Have the console open, until it is cancelled."""
        socket = await self._line.upgrade("/ws/desk/?language=en", self._headers)
        try:
            async for text in socket.texts():
                self._desk.tally.watched += len(text)
            self._desk.tally.errors[f"a console was hung up on with {socket.closed_with}"] += 1
        finally:
            socket.close()

    async def press(self, button: str, fields: str = "") -> dict[str, Any]:
        answer = await self._line.request("POST", f"/admin/desk/{button}", fields, self._headers)
        if answer.status != 200:
            what = button.rstrip("/").rpartition("/")[2]
            raise Lost(f"{what} was answered with {answer.status} {answer.body[:80].decode(errors='replace')}")
        return dict(json.loads(answer.body))

    async def look(self, path: str, what: str) -> None:
        began = perf_counter()
        page = await self._line.request("GET", path, headers=self._headers.replace("application/json", "text/html"))
        if page.status != 200:
            raise Lost(f"{path} was answered with {page.status}")
        self._desk.tally.took(what, perf_counter() - began)


def address_of(number: int) -> str:
    """As if each customer sat somewhere else."""
    return f"127.{2 + number // 62_500 % 200}.{number // 250 % 250}.{number % 250 + 1}"


def session_of(token: str) -> str:
    """The session that a token names, as the desk's JSON writes it."""
    payload = token.partition(":")[0]
    digits = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))[0]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
