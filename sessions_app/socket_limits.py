"""Who may open a socket at all: pages of our own, as many as one address and this process may have."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from sessions_app.close_codes import CloseCode, reason
from sessions_app.limits import address_of, household

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class SocketLimits:
    """Wraps what answers WebSockets.

    A page of another origin, or a program that names none, gets HTTP 403. One too many is accepted first, because a
    refused handshake would not tell the page a code.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not of_our_own(header(scope, b"origin")):
            await receive()
            await send({"type": "websocket.close"})
            return
        host = scope.get("client") or ("", 0)
        address = household(address_of(header(scope, b"x-forwarded-for"), host[0]))
        if code := self._refusal(address):
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": code, "reason": reason(code, language_of(scope))})
            return
        self._open[address] += 1
        try:
            await self._application(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def _refusal(self, address: str) -> CloseCode | None:
        if self._open[address] >= settings.DESK_SOCKETS_PER_ADDRESS:
            return CloseCode.ADDRESS_FULL
        return CloseCode.FULL if self._open.total() >= settings.DESK_SOCKETS else None


def header(scope: Scope, name: bytes) -> str:
    """The header of that name in lower case; several are joined as HTTP does, none is empty."""
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def of_our_own(origin: str) -> bool:
    """Whether a page of `origin` is one of this site: its host is one of ALLOWED_HOSTS."""
    try:
        host, _port = split_domain_port(urlsplit(origin).netloc)
    except ValueError:
        return False
    return bool(host) and validate_host(host, settings.ALLOWED_HOSTS)


def language_of(scope: Scope) -> str | None:
    """The first language of ours that the browser asks for."""
    for language, _weight in parse_accept_lang_header(header(scope, b"accept-language").lower()):
        try:
            return translation.get_supported_language_variant(language)
        except LookupError:
            continue
    return None
