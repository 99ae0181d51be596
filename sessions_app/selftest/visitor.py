"""One of the two as a client without a browser: pages, forms, and the socket of a session."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from sessions_app.selftest.errors import SelfTestError

PATIENCE_S = 10.0
LEAST_S = 1.0  # for an answer when time is up: the end must be said all the same


class Visitor:
    """`until` (of time.monotonic()) bounds what is waited for; `login` is the key of the login that staff have.

    Every method raises SelfTestError.
    """

    def __init__(self, url: str, who: str, until: float, login: str = "") -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise SelfTestError(f"{url!r} is not an address like http://127.0.0.1:8000: correct --url.")
        self.url, self.who, self._until = url, who, until
        cookies = {settings.SESSION_COOKIE_NAME: login} if login else {}
        # As a browser says it; over https Django insists on the second.
        headers = {"Accept": "text/html", "Origin": url, "Referer": f"{url}/", "Accept-Language": "en"}
        self._http = httpx.Client(base_url=url, headers=headers, cookies=cookies, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._send("GET", path, headers=headers)

    def press(self, path: str, **fields: str) -> httpx.Response:
        """Send a form, with the token of a page that was got before."""
        token = self._http.cookies.get(settings.CSRF_COOKIE_NAME) or ""
        return self._send("POST", path, data=fields, headers={"X-CSRFToken": token, "Accept": "application/json"})

    def expect(self, answer: httpx.Response, what: str, status: int = 200) -> httpx.Response:
        """`answer` if it has that status."""
        if answer.status_code == status:
            return answer
        raise SelfTestError(f"{what} was answered with {answer.status_code} and not {status}{explained(answer)}")

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, timeout=self._patience_s(), **request)
        except httpx.TransportError as error:
            raise SelfTestError(
                f"No server answers at {self.url} ({error or type(error).__name__}): start it with `make run` or "
                "`manage.py serve`, or name its address with --url or DESK_SELFTEST_URL."
            ) from error

    @contextmanager
    def socket(self, token: str) -> Iterator["Line"]:
        """The line of a session, opened and signed."""
        try:
            with connect(
                f"{self.url.replace('http', 'ws', 1)}/ws/visit/",
                origin=Origin(self.url),
                open_timeout=self._patience_s(),
                close_timeout=1,
                proxy=None,
            ) as socket:
                line = Line(socket, self.who, self._patience_s)
                line.say("hello", token=token)
                yield line
        except (OSError, WebSocketException) as error:
            raise SelfTestError(
                f"The socket of the {self.who} broke ({error}): a proxy in front must pass on WebSockets of /ws/, and "
                "ALLOWED_HOSTS name the host."
            ) from error

    def _patience_s(self) -> float:
        return max(LEAST_S, min(PATIENCE_S, self._until - time.monotonic()))


class Line:
    def __init__(self, socket: ClientConnection, who: str, patience_s: Callable[[], float]) -> None:
        self._socket, self._who, self._patience_s = socket, who, patience_s

    def say(self, kind: str, **fields: object) -> None:
        self._socket.send(json.dumps({"type": kind, **fields}))

    def hear(self, kind: str, **fields: object) -> dict[str, Any]:
        """The next message of that kind with such fields; others are passed over."""
        patience_s = self._patience_s()
        deadline = time.monotonic() + patience_s
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                message: dict[str, Any] = json.loads(self._socket.recv(timeout=left_s))
            except TimeoutError:
                break
            if message.items() >= {"type": kind, **fields}.items():
                return message
        wanted = " ".join([kind, *map(str, fields.values())])
        raise SelfTestError(
            f"The {self._who} did not hear {wanted!r} within {patience_s:.0f} s of waiting: look into the log of the "
            "web server, and whether its processes share a channel layer."
        )


def explained(answer: httpx.Response) -> str:
    """Why an answer may be so, as the end of a sentence."""
    where = answer.headers.get("Location", "")
    if "login" in where or answer.status_code == httpx.codes.NOT_FOUND:
        return ": is this the server of this installation, with the same database and SECRET_KEY?"
    if answer.is_redirect:
        return f", to {where[:80]}: name the desk's public address with --url or DESK_SELFTEST_URL."
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return ": set METRICS_TOKEN, for the server and for the self-test alike."
    if answer.status_code == httpx.codes.BAD_REQUEST:
        return ": ALLOWED_HOSTS must name the host, or --url give the desk's public address."
    if "json" in answer.headers.get("Content-Type", ""):
        return f": {answer.json().get('error', 'the log of the web server says why')}"
    return ": the log of the web server says why."
