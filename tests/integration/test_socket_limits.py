"""Who gets a socket, on every address that has one: pages of this site, and not too many of them."""

from contextlib import AsyncExitStack

import pytest
from asgiref.testing import ApplicationCommunicator

from adminara.asgi import application
from monitoring.routing import websocket_urlpatterns as panel_sockets
from sessions_app import switchboard
from sessions_app.close_codes import CloseCode, reason
from sessions_app.routing import websocket_urlpatterns as desk_sockets

pytestmark = [pytest.mark.django_db(transaction=True)]
ROUTES = [f"/{route.pattern}" for route in (*desk_sockets, *panel_sockets)]
OWN = b"http://127.0.0.1:8000"
NOT_ALLOWED = 4403  # staff sockets turn away who is not logged in


class Caller(ApplicationCommunicator):
    """A client of the whole application, with the headers that it likes."""

    def __init__(self, path="/ws/visit/", *, address="192.0.2.1", **headers):
        named = [(name.replace("_", "-").encode(), value) for name, value in headers.items() if value is not None]
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": named, "client": (address, 5000)}
        super().__init__(application, scope)

    async def is_told(self):
        """What the server says to the attempt: the types of its messages, and the last one."""
        await self.send_input({"type": "websocket.connect"})
        messages = [await self.receive_output(3)]
        while messages[-1]["type"] != "websocket.close" and not await self.receive_nothing(0.1):
            messages.append(await self.receive_output(3))
        return [message["type"].removeprefix("websocket.") for message in messages], messages[-1]

    async def __aenter__(self):
        assert (await self.is_told())[0] == ["accept"]
        return self

    async def __aexit__(self, *_):
        await self.send_input({"type": "websocket.disconnect", "code": 1005})
        await self.wait(3)


FOREIGN = [
    None,
    b"",
    b"null",
    b"https://evil.example",
    b"http://127.0.0.1.evil.example",
    b"http://127.0.0.1@evil.example",
    b"http://evil.example#127.0.0.1",
    b"127.0.0.1",
    b"http://[",
    b"http://[::2]:8000",
    b"\xff\xfe",
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ROUTES)
async def test_a_page_of_another_site_is_turned_away_before_there_is_a_socket(path, origin):
    caller = Caller(path, origin=origin)
    assert (await caller.is_told())[0] == ["close"]
    await caller.wait(3)


@pytest.mark.parametrize("origin", [OWN, b"https://localhost", b"http://[::1]:8000"])
@pytest.mark.parametrize("path", ROUTES)
async def test_a_page_of_our_own_gets_a_socket(path, origin):
    kinds, last = await Caller(path, origin=origin).is_told()
    assert kinds[0] == "accept"
    assert last.get("code") in (None, NOT_ALLOWED)


async def test_two_origins_are_none():
    caller = Caller()
    caller.scope["headers"] = [(b"origin", OWN), (b"origin", b"https://evil.example")]
    assert (await caller.is_told())[0] == ["close"]


async def opened(stack, count, **options):
    for _ in range(count):
        await stack.enter_async_context(Caller(origin=OWN, **options))


async def test_an_address_has_so_many_sockets_and_is_told_so_in_its_language(settings):
    settings.DESK_SOCKETS_PER_ADDRESS = 3
    async with AsyncExitStack() as stack:
        await opened(stack, 3)
        kinds, last = await Caller(origin=OWN, accept_language=b"tr-TR,tr;q=0.9,en;q=0.8").is_told()
        assert kinds == ["accept", "close"]
        assert last["code"] == CloseCode.ADDRESS_FULL
        assert last["reason"] == reason(CloseCode.ADDRESS_FULL, "tr")
        await opened(stack, 1, address="192.0.2.2")
    async with Caller(origin=OWN):
        pass  # those who have left make room


async def test_an_ipv6_network_is_one_address(settings):
    settings.DESK_SOCKETS_PER_ADDRESS = 1
    async with Caller(origin=OWN, address="2001:db8:1:1::1"):
        _, last = await Caller(origin=OWN, address="2001:db8:1:1:ffff::2").is_told()
        assert last["code"] == CloseCode.ADDRESS_FULL


async def test_behind_a_proxy_the_address_is_what_the_proxy_saw(settings):
    settings.DESK_SOCKETS_PER_ADDRESS, settings.TRUSTED_PROXIES = 1, 1
    async with Caller(origin=OWN, x_forwarded_for=b"198.51.100.1"), Caller(origin=OWN, x_forwarded_for=b"198.51.100.2"):
        _, last = await Caller(origin=OWN, x_forwarded_for=b"198.51.100.9, 198.51.100.1").is_told()
        assert last["code"] == CloseCode.ADDRESS_FULL


async def test_a_process_has_so_many_sockets(settings):
    settings.DESK_SOCKETS = 2
    async with Caller(origin=OWN, address="192.0.2.1"), Caller(origin=OWN, address="192.0.2.2"):
        _, last = await Caller(origin=OWN, address="192.0.2.3").is_told()
        assert last["code"] == CloseCode.FULL


async def test_those_who_do_not_say_who_they_are_are_so_many(monkeypatch):
    monkeypatch.setattr(switchboard, "MOST_STRANGERS", 2)
    async with Caller(origin=OWN), Caller(origin=OWN):
        kinds, last = await Caller(origin=OWN).is_told()
        assert kinds == ["accept", "close"]
        assert last["code"] == CloseCode.FULL
