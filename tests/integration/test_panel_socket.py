"""The overview's socket: staff only, one reading for all who watch, nothing when nobody does."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from adminara.asgi import application
from monitoring import consumers, staff_socket
from tests.factories import make_staff
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def session_of(username, *permissions):
    client = Client()
    client.force_login(make_staff(username, *permissions))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Watcher(Socket):
    """Connects through the whole application, as a browser with a session's cookie would."""

    def __init__(self, session="", language="en", origin="http://localhost"):
        headers = [(b"origin", origin.encode()), (b"host", b"localhost")]
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        query = f"language={language}".encode()
        scope = {"type": "websocket", "path": "/ws/panel/", "query_string": query, "headers": headers}
        ApplicationCommunicator.__init__(self, application, scope)


@pytest.fixture
def readings(monkeypatch):
    """Fast ticks; how often the numbers were read."""
    read, taken = consumers.snapshot, []

    def counted(now):
        taken.append(now)
        return read(now)

    monkeypatch.setattr(consumers, "snapshot", counted)
    monkeypatch.setattr(consumers.PanelConsumer, "hub", consumers.LiveHub(consumers.render, every=0.2))
    return taken


async def test_staff_with_the_permission_get_the_fragment_of_the_page(readings):
    async with Watcher(await session_of("ana", "monitoring.view_panel")) as watcher:
        pushed = await watcher.receives()
    assert '<div id="overview"' in pushed
    assert "<html" not in pushed


async def test_others_are_closed_with_4403(readings):
    for session in ("", await session_of("bo", "sessions_app.work_desk")):
        async with Watcher(session) as watcher:
            await watcher.is_closed_with(4403)
    assert readings == []


async def test_one_reading_serves_all_who_watch_and_none_is_made_for_nobody(readings):
    session = await session_of("ana", "monitoring.view_panel")
    async with Watcher(session) as one, Watcher(session) as two, Watcher(session, "tr") as three:
        # Some may have come a push later than the others.
        pushed = [{await watcher.receives() for _ in range(3)} for watcher in (one, two, three)]
    assert pushed[0] & pushed[1]
    assert not pushed[0] & pushed[2]
    made = len(readings)
    await asyncio.sleep(0.5)
    assert len(readings) == made
    assert not +consumers.watched


async def test_a_session_that_ends_ends_the_watching(readings, monkeypatch):
    monkeypatch.setattr(staff_socket, "CHECK_AGAIN", 0.0)
    session = await session_of("ana", "monitoring.view_panel")
    async with Watcher(session) as watcher:
        await watcher.receives()
        await sync_to_async(staff_socket.SessionStore(session).delete)()
        await watcher.is_closed_with(4403)


async def test_a_page_from_elsewhere_cannot_connect(readings):
    watcher = Watcher(await session_of("ana", "monitoring.view_panel"), origin="http://evil.example")
    await watcher.send_input({"type": "websocket.connect"})
    assert (await watcher.receive_output(3))["type"] == "websocket.close"


@pytest.mark.parametrize(("asked", "language"), [("language=tr", "tr"), ("language=xx", "en"), ("", "en")])
def test_the_language_is_one_we_speak(asked, language):
    assert staff_socket.language_of({"query_string": asked.encode()}) == language
