"""The overview's socket: staff only, one reading for all who watch, nothing when nobody does."""

import asyncio
from collections import Counter

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client
from django.utils.timezone import now

from adminara.asgi import application
from monitoring import consumers, staff_socket
from monitoring.panel import overview_live
from tests.factories import make_staff
from tests.integration.test_alert_channels import make_alert
from tests.sockets import Socket
from tests.telemetry import make_run

pytestmark = pytest.mark.django_db(transaction=True)


@database_sync_to_async
def session_of(username, *permissions):
    client = Client()
    client.force_login(make_staff(username, *permissions))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Watcher(Socket):
    """Connects through the whole application, as a browser with a session's cookie would."""

    def __init__(self, session="", language="en", origin="http://localhost", path="/ws/panel/"):
        headers = [(b"origin", origin.encode()), (b"host", b"localhost")]
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        query = f"language={language}".encode()
        scope = {"type": "websocket", "path": path, "query_string": query, "headers": headers}
        ApplicationCommunicator.__init__(self, application, scope)


class Readings(Counter):
    """How often the numbers of the moment were read, the rest of the overview, and how often a part was drawn."""

    def counted(self, name, function):
        def counting(*arguments):
            self[name] += 1
            return function(*arguments)

        return counting


@pytest.fixture
def readings(monkeypatch):
    """Fast ticks, each of which reads all."""
    read = Readings()
    for name in ("strip", "overview", "_html"):
        monkeypatch.setattr(overview_live, name, read.counted(name, getattr(overview_live, name)))
    monkeypatch.setattr(overview_live, "ANEW", 0.0)
    monkeypatch.setattr(overview_live, "kept", overview_live.Kept())
    monkeypatch.setattr(consumers.PanelConsumer, "hub", consumers.LiveHub(overview_live.tick, every=0.2))
    return read


async def test_staff_with_the_permission_get_the_fragment_of_the_page(readings):
    async with Watcher(await session_of("ana", "monitoring.view_panel")) as watcher:
        pushed = await watcher.receives()
    for part in ("strip", *overview_live.PARTS):
        assert f'id="overview-{part}"' in pushed
    assert "<html" not in pushed


async def test_what_has_not_changed_is_not_sent_again(readings, monkeypatch):
    async with Watcher(await session_of("ana", "monitoring.view_panel")) as watcher:
        await watcher.receives()
        monkeypatch.setattr(overview_live, "ANEW", 3600.0)
        await watcher.receives()
        pushed = await watcher.receives()
        read = readings["overview"]
        again = await watcher.receives()
    assert [part for part in overview_live.PARTS if f'id="overview-{part}"' in pushed + again] == []
    assert 'id="overview-strip"' in again
    assert readings["overview"] == read
    assert len(again) < 4_000


async def test_who_comes_later_gets_all_of_it_first(readings, monkeypatch):
    monkeypatch.setattr(overview_live, "ANEW", 3600.0)
    session = await session_of("ana", "monitoring.view_panel")
    async with Watcher(session) as one:
        await one.receives()
        await one.receives()
        async with Watcher(session) as two:
            assert 'id="overview-fix"' in await two.receives()
    assert readings["overview"] == 1


async def test_others_are_closed_with_4403(readings):
    for session in ("", await session_of("bo", "sessions_app.work_desk")):
        for path in ("", "jobs/", "jobs/news/", "alerts/"):
            async with Watcher(session, path=f"/ws/panel/{path}") as watcher:
                await watcher.is_closed_with(4403)
    assert not readings


async def test_an_open_page_of_alerts_hears_of_the_rules_when_they_change_and_always_whether_all_is_well(monkeypatch):
    monkeypatch.setattr(consumers.AlertsConsumer, "hub", consumers.LiveHub(consumers.render_alerts, every=0.2))
    async with Watcher(await session_of("ana", "monitoring.view_panel"), "tr", path="/ws/panel/alerts/") as watcher:
        first, second = await watcher.receives(), await watcher.receives()
        await database_sync_to_async(make_alert)(subject="mail")
        later = [await watcher.receives() for _ in range(10)]
    assert 'id="alerts-rules"' in first
    assert first.startswith(second)
    assert "Değerlendirme" in second
    assert later[-1] != second
    assert not +consumers.watched_alerts


async def test_the_pages_of_one_job_and_of_one_run_are_told_whether_there_is_news(monkeypatch):
    hub = consumers.LiveHub(consumers.render_jobs, every=0.2)
    monkeypatch.setattr(consumers.JobNewsConsumer, "hub", hub)
    async with Watcher(await session_of("ana", "monitoring.view_panel"), path="/ws/panel/jobs/news/") as watcher:
        first = await watcher.receives()
        run = await database_sync_to_async(make_run)("queue_sweep", now())
        later = [await watcher.receives() for _ in range(10)]
    assert run.pk not in first
    assert run.pk in later[-1]
    assert len(first) < 400


async def test_one_reading_and_one_drawing_a_language_serve_all_who_watch_and_none_is_made_for_nobody(readings):
    session = await session_of("ana", "monitoring.view_panel")
    async with Watcher(session) as one, Watcher(session) as two, Watcher(session, "tr") as three:
        # Some may have come a push later than the others.
        pushed = [{await watcher.receives() for _ in range(3)} for watcher in (one, two, three)]
    assert pushed[0] & pushed[1]
    assert not pushed[0] & pushed[2]
    assert readings["strip"] == readings["overview"]
    assert readings["_html"] <= 2 * readings["strip"] * (1 + len(overview_live.PARTS))
    made = readings["strip"]
    await asyncio.sleep(0.5)
    assert readings["strip"] == made
    assert not +overview_live.watched


async def test_a_session_that_ends_ends_the_watching(readings, monkeypatch):
    monkeypatch.setattr(staff_socket, "CHECK_AGAIN", 0.0)
    session = await session_of("ana", "monitoring.view_panel")
    async with Watcher(session) as watcher:
        await watcher.receives()
        await database_sync_to_async(staff_socket.SessionStore(session).delete)()
        await watcher.is_closed_with(4403)


async def test_a_page_from_elsewhere_cannot_connect(readings):
    watcher = Watcher(await session_of("ana", "monitoring.view_panel"), origin="http://evil.example")
    await watcher.send_input({"type": "websocket.connect"})
    assert (await watcher.receive_output(3))["type"] == "websocket.close"


@pytest.mark.parametrize(("asked", "language"), [("language=tr", "tr"), ("language=xx", "en"), ("", "en")])
def test_the_language_is_one_we_speak(asked, language):
    assert staff_socket.language_of({"query_string": asked.encode()}) == language
