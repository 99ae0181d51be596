"""One person's browser: cookies, the CSRF token, an address of its own, and patience with a server that restarts."""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import unescape
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from sessions_app.close_codes import GONE_FOR_GOOD
from sessions_app.simulation.errors import AnswerLostError, SimulationError, UnexpectedError
from sessions_app.simulation.tally import Tally
from sessions_app.simulation.target import Target

PATIENCE_S = 30  # for a server that does not answer
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 3.0
KEEPALIVE_S = 2  # shorter than a web server's own: a connection that it is about to close is not used again
# What a proxy answers while the server behind it restarts, and the server itself while its database does.
STARTING = {502, 503}
CERTIFICATES = ssl.create_default_context()  # read once: it takes longer than a request


class Retry:
    """Growing pauses, for PATIENCE_S in all; then SimulationError."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pause_s, self._since = FIRST_PAUSE_S, time.monotonic()

    async def pause(self) -> None:
        if time.monotonic() - self._since > PATIENCE_S:
            raise no_server(self._url)
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)


def no_server(url: str) -> SimulationError:
    return SimulationError(f"No server answers at {url}: start it with `make run`, or name it with --url.")


class Browser:
    def __init__(self, target: Target, client: int, tally: Tally, language: str = "en") -> None:
        self._target, self._tally = target, tally
        self._address = target.source_address(client)
        self._http = httpx.AsyncClient(
            base_url=target.url,
            headers={"Accept-Language": language, "Origin": target.url, "Referer": f"{target.url}/"},
            transport=httpx.AsyncHTTPTransport(
                verify=CERTIFICATES,
                local_address=self._address,
                limits=httpx.Limits(keepalive_expiry=KEEPALIVE_S),
            ),
            timeout=20,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def retry(self) -> Retry:
        return Retry(self._target.url)

    async def knock(self) -> None:
        """Whether there is a server at all: SimulationError at once when there is none."""
        try:
            await self._http.get("/healthz")
        except httpx.TransportError as error:
            raise no_server(self._target.url) from error

    async def get(self, path: str, **parameters: str) -> httpx.Response:
        """The page at `path`, however often it has to be asked for; UnexpectedError when it is not a 200."""
        retry = self.retry()
        while True:
            try:
                answer = await self._send("GET", path, params=parameters)
            except AnswerLostError:
                await retry.pause()
                continue
            if answer.status_code != httpx.codes.OK:
                raise unexpected("GET", answer)
            return answer

    async def post(self, path: str, fields: Mapping[str, str], *, accept: str = "text/html") -> httpx.Response:
        """Send a form once. AnswerLostError: it may or may not have been done."""
        token = self._http.cookies.get("csrftoken") or ""
        return await self._send("POST", path, data=fields, headers={"Accept": accept, "X-CSRFToken": token})

    @asynccontextmanager
    async def socket(self, path: str) -> AsyncIterator[ClientConnection]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        async with connect(
            self._target.socket_url + path,
            origin=self._target.url,  # type: ignore[arg-type]  # a NewType of str
            additional_headers={"Cookie": cookies},
            proxy=None,
            local_addr=(self._address, 0) if self._address else None,
        ) as socket:
            yield socket

    async def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        retry = self.retry()
        while True:
            try:
                self._tally.add("requests")
                answer = await self._http.request(method, path, **request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                await retry.pause()  # nothing was sent
                continue
            except httpx.TransportError as error:
                raise AnswerLostError from error
            if answer.status_code not in STARTING or "Retry-After" in answer.headers:  # the desk's own: closed or full
                return answer
            if method == "POST":
                raise AnswerLostError  # it was sent, perhaps as far as the database
            await retry.pause()


def for_good(error: Exception) -> bool:
    """Whether the server turned the socket down or hung up in a way that makes it useless to try again."""
    if isinstance(error, InvalidStatus):
        return httpx.codes.is_client_error(error.response.status_code)
    return isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code in GONE_FOR_GOOD


SOCKET_ERRORS = (OSError, WebSocketException)


def form_token(page: httpx.Response) -> str:
    return attribute(page, r'name="csrfmiddlewaretoken" value="([^"]+)"')


def attribute(page: httpx.Response, pattern: str) -> str:
    """What `pattern` finds in the page; UnexpectedError when there is no such thing."""
    found = re.search(pattern, page.text)
    if found is None:
        raise unexpected("GET", page)
    return unescape(found[1])


def unexpected(method: str, answer: httpx.Response) -> UnexpectedError:
    """Names the page, but not a customer's link: those are secrets."""
    path = re.sub(r"^/s/[^/]+", "/s/...", answer.url.path)
    return UnexpectedError(f"{method} {path} was answered with {answer.status_code}")
