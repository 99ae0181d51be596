"""Signals go to the other participant of the same session, while there is a call, and to nobody else."""

import asyncio
import json

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from sessions_app import lifecycle, tokens
from sessions_app.close_codes import CloseCode
from sessions_app.models import Role
from sessions_app.routing import websocket_urlpatterns
from tests.factories import make_customer, make_staff
from tests.sockets import Socket

pytestmark = [pytest.mark.django_db(transaction=True)]
in_db = database_sync_to_async
READY = {"type": "ready", "id": "page-1", "reply": False}


class Participant(Socket):
    def __init__(self, session, role, staff=None):
        super().__init__(websocket_urlpatterns, "/ws/visit/")
        self.token = tokens.make(session.pk, role, staff and staff.pk)

    async def __aenter__(self):
        await super().__aenter__()
        await self.says({"type": "hello", "token": self.token})
        await self.hears("state")
        return self

    async def hears(self, kind):
        while True:
            message = json.loads(await self.receives())
            if message["type"] == kind:
                return message

    async def hears_nothing_of(self, kind, after):
        """Nothing of the kind has come when the answer to `after` is here."""
        await self.says(after)
        while (message := json.loads(await self.receives()))["type"] != "ice":
            assert message["type"] != kind


ASK = {"type": "ice"}


def taken(staff):
    session = make_customer(at=timezone.now())
    lifecycle.claim(session.pk, staff, timezone.now())
    return session


async def test_a_signal_reaches_the_other_side_as_it_was_said():
    ana = await in_db(make_staff)()
    session = await in_db(taken)(ana)
    async with Participant(session, Role.CUSTOMER) as customer, Participant(session, Role.STAFF, ana) as staff:
        await customer.says(READY)
        assert await staff.hears("ready") == READY
        offer = {"type": "description", "id": "page-2", "description": {"type": "offer", "sdp": "v=0\r\n" * 5000}}
        await staff.says(offer)
        assert await customer.hears("description") == offer
        await customer.hears_nothing_of("ready", ASK)  # one's own signals do not come back


async def test_another_session_hears_nothing():
    ana, bo = await in_db(make_staff)(), await in_db(make_staff)("bo")
    one, two = await in_db(taken)(ana), await in_db(taken)(bo)
    async with Participant(one, Role.CUSTOMER) as customer, Participant(two, Role.STAFF, bo) as other:
        await customer.says(READY)
        await customer.says(ASK)
        await customer.hears("ice")
        await other.hears_nothing_of("ready", ASK)


async def test_only_the_member_of_staff_who_holds_the_customer_takes_part():
    ana, bo = await in_db(make_staff)(), await in_db(make_staff)("bo")
    session = await in_db(taken)(ana)
    async with Participant(session, Role.CUSTOMER) as customer, Participant(session, Role.STAFF, bo) as other:
        await other.says(READY)
        await other.says(ASK)
        assert (await other.hears("ice"))["servers"] == []
        await customer.hears_nothing_of("ready", ASK)


async def test_nobody_is_signalled_before_they_are_taken(settings):
    settings.TURN_URLS = ["turn:127.0.0.1:3478"]
    ana = await in_db(make_staff)()
    session = await in_db(make_customer)(at=timezone.now())
    async with Participant(session, Role.CUSTOMER) as customer:
        await customer.says(READY)
        await customer.says(ASK)
        assert (await customer.hears("ice"))["servers"] == []
        await in_db(lifecycle.claim)(session.pk, ana, timezone.now())
        await customer.says(ASK)
        (turn,) = (await customer.hears("ice"))["servers"]
        assert turn["urls"] == ["turn:127.0.0.1:3478"]
        assert turn["username"].endswith(str(session.pk))


async def test_a_second_page_takes_the_line_over():
    ana = await in_db(make_staff)()
    session = await in_db(taken)(ana)
    async with (
        Participant(session, Role.STAFF, ana) as staff,
        Participant(session, Role.CUSTOMER) as first,
        Participant(session, Role.CUSTOMER) as second,
    ):
        await first.hears("elsewhere")
        await first.says(READY)
        await staff.says(READY | {"id": "staff"})
        assert (await second.hears("ready"))["id"] == "staff"
        await first.hears_nothing_of("ready", ASK)
        await staff.hears_nothing_of("ready", ASK)


@pytest.mark.parametrize("kind", ["ready", "candidate", "bye", "heartbeat"])
async def test_only_descriptions_may_be_large(kind):
    session = await in_db(taken)(await in_db(make_staff)())
    async with Participant(session, Role.CUSTOMER) as customer:
        await customer.says({"type": kind, "id": "x", "more": "x" * 5000})
        await customer.is_closed_with(CloseCode.TOO_LARGE)


async def test_a_malformed_signal_gets_an_answer_and_the_line_stays_open():
    session = await in_db(taken)(await in_db(make_staff)())
    async with Participant(session, Role.CUSTOMER) as customer:
        await customer.says({"type": "description", "id": "x", "description": 5})
        assert "Reload the page" in (await customer.hears("error"))["message"]
        await customer.says(ASK)
        await asyncio.wait_for(customer.hears("ice"), 3)
