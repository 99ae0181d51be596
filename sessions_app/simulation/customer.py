"""A customer: joins, waits, perhaps reloads, leaves or vanishes; answers the call and stays until staff end it."""

import asyncio
import json
import time
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from sessions_app.simulation.browser import SOCKET_ERRORS, Browser, attribute, for_good, form_token, unexpected
from sessions_app.simulation.errors import AnswerLostError, UnexpectedError
from sessions_app.simulation.plan import Visit
from sessions_app.simulation.tally import Tally

RELOAD_S = 0.3
NEVER = float("inf")


class Customer:
    def __init__(self, visit: Visit, browser: Browser, tally: Tally, speed: float) -> None:
        self._visit, self._browser, self._tally, self._speed = visit, browser, tally, speed
        self._link = self._state = ""
        self._answered = self._reported = False
        self._joined_at = self._waiting_since = self._next_beat = self._beat_s = 0.0
        self._reloads_at = self._vanishes_at = NEVER

    async def live(self) -> None:
        """The whole visit, its end counted. What goes wrong ends this visit only."""
        try:
            await self._join()
            self._tally.add(await self._stay())
        except UnexpectedError as error:
            self._tally.errors.append(str(error))
        finally:
            self._tally.waiting.discard(self)

    async def _join(self) -> None:
        answer = await self._queue_up()
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise unexpected("POST", answer)
        self._tally.add("joined")
        self._joined_at = self._waiting_since = now = time.monotonic()
        self._reloads_at, self._vanishes_at = (
            NEVER if after_s is None else now + after_s / self._speed
            for after_s in (self._visit.reloads_s, self._visit.vanishes_s)
        )
        self._link = urlsplit(answer.headers["Location"]).path

    async def _queue_up(self) -> httpx.Response:
        while True:
            fields = {"name": self._visit.name, "topic": self._visit.topic}
            try:
                form = await self._browser.get("/")
                answer = await self._browser.post("/", fields | {"csrfmiddlewaretoken": form_token(form)})
            except AnswerLostError:
                self._tally.add("unsure")
                continue
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return answer
            self._tally.add("refused")
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))

    async def _stay(self) -> str:
        """How the visit ended. Opens the page again after a reload or when the server has restarted."""
        page = await self._browser.get(self._link)
        self._beat_s = int(attribute(page, r'data-beat="(\d+)"')) / 1000
        retry = self._browser.retry()
        while True:
            token, self._state = attribute(page, r'data-token="([^"]+)"'), ""
            try:
                async with self._browser.socket("/ws/visit/") as socket:
                    await self._say(socket, "hello", token=token)
                    if ending := await self._follow(socket, page):
                        return ending
            except SOCKET_ERRORS as error:
                if for_good(error):
                    raise UnexpectedError(f"a customer's socket was closed for good: {error}") from error
                self._tally.add("reconnects")
                if self._state:  # the last one worked
                    retry = self._browser.retry()
                await retry.pause()
                continue
            await asyncio.sleep(RELOAD_S)
            page = await self._browser.get(self._link)

    async def _follow(self, socket: ClientConnection, page: httpx.Response) -> str:
        """Listen and beat until the visit ends, told by a word, or the page is reloaded, told by an empty one."""
        while True:
            waiting = self._state == "waiting"
            leaves_at = self._waiting_since + self._visit.patience_s / self._speed
            plans = [leaves_at, self._reloads_at, self._vanishes_at] if waiting else []
            heard = await self._listen(socket, until=min([self._next_beat, *plans]))
            now = time.monotonic()
            if heard.get("type") == "state" and (ending := await self._enter(socket, str(heard["state"]))):
                return ending
            if now >= self._next_beat:
                await self._say(socket, "heartbeat")
                self._next_beat = now + self._beat_s
            if self._state != "waiting":
                continue
            if now >= self._vanishes_at:
                socket.transport.abort()
                return "vanished"
            if now >= self._reloads_at:
                self._reloads_at = NEVER
                self._tally.add("reloaded")
                return ""
            if now >= leaves_at:
                await self._leave(page)
                return "left"

    async def _enter(self, socket: ClientConnection, state: str) -> str:
        """React to a state that is new; a word when it is the last."""
        before, self._state = self._state, state
        (self._tally.waiting.add if state == "waiting" else self._tally.waiting.discard)(self)
        if state == "waiting" and before in {"connecting", "active"}:
            self._waiting_since = time.monotonic()  # handed back: patience begins anew
        if state == "connecting" and before != state:
            await self._connect(socket)
        if state == "ended":
            return "served" if self._answered else "unanswered"
        return "dropped" if state in {"abandoned", "expired"} else ""

    async def _connect(self, socket: ClientConnection) -> None:
        seen_at = time.perf_counter()
        if not self._reported:
            self._tally.waits_s.append(time.monotonic() - self._joined_at)
        await asyncio.sleep(self._visit.setup_ms / 1000)
        if not await self._say(socket, "connected"):
            return
        self._answered = True
        if not self._reported:
            self._reported = True
            await self._say(socket, "report", connection_time_ms=(time.perf_counter() - seen_at) * 1000)

    async def _leave(self, page: httpx.Response) -> None:
        """Press the button until it is answered: leaving twice is leaving once."""
        retry = self._browser.retry()
        while True:
            with suppress(AnswerLostError):
                answer = await self._browser.post(f"{self._link}leave/", {"csrfmiddlewaretoken": form_token(page)})
                if answer.is_redirect:
                    return
                if answer.status_code != httpx.codes.CONFLICT:  # taken in this very moment
                    raise unexpected("POST", answer)
            await retry.pause()

    async def _say(self, socket: ClientConnection, kind: str, **fields: str | float) -> bool:
        """Whether it could be said. After the server has hung up, its last words are still to be heard."""
        with suppress(ConnectionClosed):
            await socket.send(json.dumps({"type": kind, **fields}))
            self._tally.add("messages")
            return True
        return False

    @staticmethod
    async def _listen(socket: ClientConnection, until: float) -> dict[str, object]:
        """The next message, or nothing when there is none before `until`."""
        try:
            async with asyncio.timeout(max(0, until - time.monotonic())):
                return dict(json.loads(await socket.recv()))
        except TimeoutError:
            return {}
