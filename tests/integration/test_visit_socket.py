"""The customer's socket, by a client that says whatever it likes."""

import json
import threading
import time

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from sessions_app import lifecycle, live, tokens, visit_consumer
from sessions_app.close_codes import CloseCode
from sessions_app.models import ConnectionReport, Role, State, SupportSession
from sessions_app.routing import websocket_urlpatterns
from tests.factories import SECOND, make_call, make_customer, make_ended, make_staff
from tests.sockets import Socket

pytestmark = [pytest.mark.django_db(transaction=True)]
in_db = database_sync_to_async


class Page(Socket):
    def __init__(self, session=None, role=Role.CUSTOMER):
        super().__init__(websocket_urlpatterns, "/ws/visit/")
        self.token = tokens.make(session.pk, role) if session else ""

    async def __aenter__(self):
        await super().__aenter__()
        if self.token:
            await self.says({"type": "hello", "token": self.token})
        return self

    async def hears(self, kind, **wanted):
        """The next message of `kind` that says what is wanted."""
        while True:
            message = json.loads(await self.receives())
            if message["type"] == kind and wanted.items() <= message.items():
                return message


async def state_of(session):
    return (await SupportSession.objects.aget(pk=session.pk)).state


async def test_a_customer_hears_their_place_and_then_that_it_is_their_turn():
    ana = await in_db(make_staff)()
    now = timezone.now()
    first, second = await in_db(make_customer)(at=now - SECOND), await in_db(make_customer)(at=now)
    async with Page(second) as page:
        message = await page.hears("state", state="waiting", position=2)
        assert "number <strong>2</strong>" in message["html"]
        await in_db(lifecycle.leave)(first.pk, timezone.now())
        await page.hears("state", position=1)
        await in_db(lifecycle.claim_next)(ana, timezone.now())
        await page.hears("state", state="connecting")
        await page.says({"type": "connected"})
        await page.hears("state", state="active")
        assert await state_of(second) == State.ACTIVE
        await in_db(lifecycle.end)(second.pk, ana, "resolved", "", timezone.now())
        await page.hears("state", state="ended")
        await page.is_closed_with(CloseCode.OVER)


async def test_who_is_taken_hears_of_it_while_the_others_places_are_still_being_read(monkeypatch):
    ana = await in_db(make_staff)()
    session = await in_db(make_customer)(at=timezone.now())
    async with Page(session) as page:
        await page.hears("state", state="waiting", position=1)
        reading, read = threading.Event(), live.statuses

        def slowly(*asked):
            found = read(*asked)  # in which the customer still waits
            reading.set()
            time.sleep(1.5)
            return found

        monkeypatch.setattr(live, "statuses", slowly)
        await in_db(reading.wait)(5)
        began = time.monotonic()
        await in_db(lifecycle.claim_next)(ana, timezone.now())
        await page.hears("state", state="connecting")
        assert time.monotonic() - began < 1
        assert await page.receive_nothing(timeout=2)  # not of what was read before they were taken


async def test_nothing_new_is_not_said_twice(monkeypatch):
    session = await in_db(make_customer)(at=timezone.now())
    async with Page(session) as page:
        await page.hears("state", position=1)
        assert await page.receive_nothing(timeout=1.5)


async def test_the_language_is_the_customers():
    session = await in_db(make_customer)(at=timezone.now(), language="tr")
    async with Page(session) as page:
        assert (await page.hears("state"))["language"] == "tr"


async def test_an_open_page_keeps_the_place(monkeypatch):
    monkeypatch.setattr(live, "presence", live.Presence())
    session = await in_db(make_customer)(at=timezone.now() - 50 * SECOND)
    async with Page(session) as page:
        await page.hears("state")
        seen = (await SupportSession.objects.aget()).last_seen_at
    assert timezone.now() - seen < 5 * SECOND


async def test_staff_who_watch_do_not_keep_the_customers_place(monkeypatch):
    monkeypatch.setattr(live, "presence", live.Presence())
    joined = timezone.now() - 20 * SECOND
    session = await in_db(make_customer)(at=joined)
    async with Page(session, Role.STAFF) as page:
        await page.hears("state")
        await page.says({"type": "heartbeat"})
        await page.says({"type": "connected"})
        assert (await page.hears("error"))["message"]
    assert (await SupportSession.objects.aget()).last_seen_at == joined


async def test_a_customers_page_that_asks_for_the_camera_keeps_the_claim_and_a_staff_page_does_not():
    ana, cy = await in_db(make_staff)(), await in_db(make_customer)(at=timezone.now())
    claimed_at = (await in_db(lifecycle.claim)(cy.pk, ana, timezone.now())).claimed_at
    async with Page(cy, Role.STAFF) as page:
        await page.says({"type": "answering"})
        await page.hears("error")
        assert await answer_by(cy) == claimed_at + 30 * SECOND
    async with Page(cy) as page:
        await page.says({"type": "answering"})
        await page.says({"type": "ice"})
        await page.hears("ice")
        assert await answer_by(cy) == claimed_at + 120 * SECOND


async def answer_by(session):
    return (await SupportSession.objects.aget(pk=session.pk)).answer_by


async def test_the_role_comes_from_the_token_and_the_time_is_checked():
    session = await in_db(make_call)(await in_db(make_staff)(), timezone.now())
    async with Page(session) as page:
        await page.says({"type": "report", "role": "staff", "connection_time_ms": 120})
        assert (await page.hears("report"))["accepted"]
        await page.says({"type": "report", "connection_time_ms": 130})
        assert (await page.hears("report"))["reason"] == "duplicate"
    async with Page(session, Role.STAFF) as page:
        await page.says_text('{"type": "report", "connection_time_ms": NaN}')
        assert (await page.hears("report"))["reason"] == "not_a_number"
    stored = {report.role: report.accepted async for report in ConnectionReport.objects.all()}
    assert stored == {"customer": True, "staff": False}


async def test_who_does_not_say_hello_in_time_is_cut_off(monkeypatch):
    monkeypatch.setattr(visit_consumer, "HELLO_WITHIN_S", 0.05)
    async with Page() as page:
        await page.is_closed_with(CloseCode.SILENT)


@pytest.mark.parametrize("token", ["", "x", None, 7, ["a"], {"a": 1}, "\ud800", "é:1:2"])
async def test_a_token_that_is_not_ours_opens_nothing(token):
    async with Page() as page:
        await page.says({"type": "hello", "token": token})
        await page.is_closed_with(CloseCode.NOT_SIGNED)


@pytest.mark.parametrize("kind", ["heartbeat", "connected", "report", "anything"])
async def test_before_hello_nothing_is_heard(kind):
    async with Page() as page:
        await page.says({"type": kind})
        await page.is_closed_with(CloseCode.NOT_SIGNED)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "7", '"hello"', "{}", '{"type": 7}', "[" * 4000, "9" * 4000])
async def test_garbage_is_hung_up_on(text):
    async with Page() as page:
        await page.says_text(text)
        await page.is_closed_with(CloseCode.GARBAGE)


async def test_bytes_are_garbage():
    async with Page() as page:
        await page.send_input({"type": "websocket.receive", "bytes": b"\x00\xff"})
        await page.is_closed_with(CloseCode.GARBAGE)


async def test_a_message_has_a_size():
    async with Page() as page:
        await page.says({"type": "hello", "token": "é" * 3000})
        await page.is_closed_with(CloseCode.TOO_LARGE)


async def test_a_flood_is_hung_up_on():
    session = await in_db(make_customer)(at=timezone.now())
    async with Page(session) as page:
        for _ in range(visit_consumer.BURST + 1):
            await page.says({"type": "heartbeat"})
        await page.is_closed_with(CloseCode.TOO_FAST)


async def test_an_unknown_message_is_answered_with_a_sentence():
    session = await in_db(make_customer)(at=timezone.now())
    async with Page(session) as page:
        await page.says_text(json.dumps({"type": "offer", "sdp": "v=0"}))
        assert (await page.hears("error"))["message"].endswith(".")


async def test_a_second_hello_changes_nothing():
    one, two = await in_db(make_customer)(at=timezone.now()), await in_db(make_customer)(at=timezone.now())
    async with Page(one) as page:
        await page.says({"type": "hello", "token": tokens.make(two.pk, Role.CUSTOMER)})
        await page.hears("state", position=1)
        assert await page.receive_nothing(timeout=1.2)


async def test_a_session_that_is_over_says_so_and_hangs_up():
    session = await in_db(make_ended)(await in_db(make_staff)(), timezone.now())
    async with Page(session) as page:
        assert "This session is over" in (await page.hears("state", state="ended"))["html"]
        await page.is_closed_with(CloseCode.OVER)
