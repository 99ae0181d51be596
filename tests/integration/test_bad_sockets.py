"""Tokens and pages that are not what they should be: others', yesterday's, used twice, or of who had the call."""

import asyncio
import json

import pytest
from channels.db import database_sync_to_async
from django.core import signing
from django.utils import timezone

from sessions_app import call_line, lifecycle, queue, tokens, visit_consumer
from sessions_app.close_codes import CloseCode
from sessions_app.errors import AlreadyTaken, HandsFull
from sessions_app.models import ConnectionReport, Role, State, SupportSession
from sessions_app.routing import websocket_urlpatterns
from sessions_app.switchboard import MOST_PAGES
from tests.factories import make_call, make_customer, make_staff
from tests.sockets import Socket

pytestmark = [pytest.mark.django_db(transaction=True)]
in_db = database_sync_to_async
READY = {"type": "ready", "id": "page-1", "reply": False}


class Page(Socket):
    def __init__(self, token):
        super().__init__(websocket_urlpatterns, "/ws/visit/")
        self.token = token

    async def __aenter__(self):
        await super().__aenter__()
        await self.says({"type": "hello", "token": self.token})
        return self

    async def hears(self, kind, **wanted):
        while True:
            message = json.loads(await self.receives())
            if message["type"] == kind and wanted.items() <= message.items():
                return message

    async def has_heard_before_an_answer(self):
        """The types of all that has come when the server answers the question that is put now."""
        await self.says({"type": "ice"})
        heard = []
        while (message := json.loads(await self.receives()))["type"] != "ice":
            heard.append(message["type"])
        return heard


def customers(session):
    return Page(tokens.make(session.pk, Role.CUSTOMER))


def staffs(session, staff):
    return Page(tokens.make(session.pk, Role.STAFF, staff.pk))


async def call(staff):
    return await in_db(make_call)(staff, timezone.now())


async def test_a_token_that_has_expired_is_not_signed(settings):
    session = await in_db(make_customer)(at=timezone.now())
    signer = signing.TimestampSigner(salt=tokens.SALT)
    signer.timestamp = lambda: signing.b62_encode(int(timezone.now().timestamp()) - 25 * 3600)
    async with Page(signer.sign_object([session.pk.hex, "customer", None, 0])) as page:
        await page.is_closed_with(CloseCode.NOT_SIGNED)


@pytest.mark.parametrize("at", [0, 5, -1])
async def test_a_token_with_one_letter_changed_is_not_signed(at):
    token = tokens.make((await in_db(make_customer)(at=timezone.now())).pk, Role.CUSTOMER)
    letters = list(token)
    letters[at] = "A" if letters[at] != "A" else "B"
    async with Page("".join(letters)) as page:
        await page.is_closed_with(CloseCode.NOT_SIGNED)


async def test_a_customer_cannot_become_somebody_else_by_a_second_token():
    ana = await in_db(make_staff)()
    mine, other = await call(ana), await in_db(make_customer)("Di", timezone.now())
    async with staffs(mine, ana) as staff, customers(other) as page:
        await page.says({"type": "hello", "token": tokens.make(mine.pk, Role.CUSTOMER)})
        await page.says(READY)
        await page.says({"type": "report", "attempt": "a-b", "connection_time_ms": 5})
        assert (await page.hears("report"))["reason"] == "before_claim"
        assert "ready" not in await staff.has_heard_before_an_answer()
    assert (await ConnectionReport.objects.aget()).session_id == other.pk


async def test_a_token_used_twice_at_once_is_one_participant_whose_newest_page_has_the_line():
    ana = await in_db(make_staff)()
    session = await call(ana)
    async with staffs(session, ana) as staff, customers(session) as first, customers(session) as second:
        await first.hears("elsewhere")
        await staff.says(READY)
        assert await second.hears("ready") == READY
        assert "ready" not in await first.has_heard_before_an_answer()
        await first.says({"type": "report", "attempt": "a-b", "connection_time_ms": 1})
        assert (await first.hears("report"))["accepted"]
        await second.says({"type": "report", "attempt": "a-b", "connection_time_ms": 1})
        assert (await second.hears("report"))["reason"] == "duplicate"


async def test_two_tabs_keep_one_place_and_closing_one_of_them_gives_nothing_up():
    session = await in_db(make_customer)(at=timezone.now())
    async with customers(session) as first:
        async with customers(session) as second:
            assert (await second.hears("state"))["position"] == 1
        await first.hears("elsewhere")
        await first.says({"type": "heartbeat"})
        await first.hears("heartbeat")
        assert (await in_db(queue.positions)())[session.pk] == 1


async def test_a_participants_page_too_many_costs_the_oldest_its_socket():
    session = await in_db(make_customer)(at=timezone.now())
    pages = [customers(session) for _ in range(MOST_PAGES + 1)]
    for page in pages:
        await page.__aenter__()
        await page.hears("hello")
    assert "newest" in await pages[0].is_closed_with(CloseCode.ELSEWHERE)
    for page in pages[1:]:
        await page.says({"type": "heartbeat"})
        await page.hears("heartbeat")
        await page.__aexit__()


async def test_who_handed_the_customer_back_hears_no_more_of_them_and_takes_no_line_over():
    ana, bo = await in_db(make_staff)(), await in_db(make_staff)("bo")
    session = await call(ana)
    async with customers(session) as customer, staffs(session, ana) as before:
        await before.hears("state")
        await in_db(lifecycle.requeue)(session.pk, ana, timezone.now())
        await in_db(lifecycle.claim)(session.pk, bo, timezone.now())
        async with staffs(session, bo) as staff, staffs(session, ana) as again:
            await customer.says(READY)
            assert await staff.hears("ready") == READY
            for page in (before, again):
                assert "ready" not in await page.has_heard_before_an_answer()
                await page.says(READY | {"id": "ana"})
                await page.says({"type": "ice"})
                assert (await page.hears("ice"))["servers"] == []
            assert "elsewhere" not in await staff.has_heard_before_an_answer()
            assert "ready" not in await customer.has_heard_before_an_answer()


async def test_a_member_of_staff_who_claims_twice_gets_one_customer():
    ana = await in_db(make_staff)()
    first, second = [await in_db(make_customer)(name, timezone.now()) for name in ("Cy", "Di")]
    taken = await in_db(lifecycle.claim)(first.pk, ana, timezone.now())
    with pytest.raises(HandsFull):
        await in_db(lifecycle.claim)(second.pk, ana, timezone.now())
    with pytest.raises((HandsFull, AlreadyTaken)):
        await in_db(lifecycle.claim)(first.pk, ana, timezone.now())
    states = {session.pk: session.state async for session in SupportSession.objects.all()}
    assert states == {taken.pk: State.CONNECTING, second.pk: State.WAITING}


FORGED = [
    ({"connection_time_ms": 60_000}, "over_server_clock"),
    ({"connection_time_ms": -1}, "out_of_range"),
    ({"connection_time_ms": 0}, "out_of_range"),
    ({"connection_time_ms": 10**400}, "not_a_number"),
    ({"connection_time_ms": "5"}, "not_a_number"),
    ({"connection_time_ms": True}, "not_a_number"),
    ({"connection_time_ms": 5, "ice_ms": 50}, "out_of_order"),
    ({"connection_time_ms": 5, "result": "failed"}, "malformed"),
    ({"connection_time_ms": 5, "protocol": "carrier pigeon"}, "malformed"),
    ({"connection_time_ms": 5, "attempt": "../../etc"}, "malformed"),
    ({"connection_time_ms": 5, "attempt": ["a"]}, "malformed"),
    ({}, "not_a_number"),
]


@pytest.mark.parametrize(("claim", "reason"), FORGED, ids=lambda value: str(value)[:40])
async def test_a_forged_report_is_kept_and_not_counted(claim, reason):
    session = await call(await in_db(make_staff)())
    async with customers(session) as page:
        await page.says({"type": "report", "attempt": "a-b", "role": "staff", "accepted": True} | claim)
        answer = await page.hears("report")
    assert answer == {"type": "report", "accepted": False, "reason": reason}
    stored = await ConnectionReport.objects.aget()
    assert (stored.accepted, stored.reason, stored.role) == (False, reason, "customer")


async def test_a_line_that_is_silent_is_hung_up_and_who_speaks_keeps_theirs(settings):
    settings.DESK_GONE_AFTER = 5  # three beats are 2.1 s
    quiet, loud = [await in_db(make_customer)(name, timezone.now()) for name in ("Cy", "Di")]
    async with customers(quiet) as silent, customers(loud) as page:
        assert (await page.hears("hello"))["beat_ms"] == 714
        for _ in range(6):
            await asyncio.sleep(0.4)
            await page.says({"type": "heartbeat"})
            await page.hears("heartbeat")
        assert (await silent.is_closed_with(CloseCode.SILENT)).startswith("Nothing was heard")
        assert (await in_db(queue.positions)())[quiet.pk] == 1  # their place waits for a reload


async def test_the_other_side_hears_of_a_line_that_died(settings):
    settings.DESK_GONE_AFTER = 5
    ana = await in_db(make_staff)()
    session = await call(ana)
    async with customers(session) as customer, staffs(session, ana) as staff:
        await customer.says(READY)
        await staff.hears("ready")
        for _ in range(6):
            await asyncio.sleep(0.4)
            await staff.says({"type": "heartbeat"})
        await staff.hears("away")


async def test_a_page_that_doubts_whether_anybody_is_there_keeps_its_line_and_not_the_place():
    session = await in_db(make_customer)(at=timezone.now())
    beats = []
    async with customers(session) as page:
        await page.hears("state")
        visit_consumer.live.presence.beat = lambda session_id: beats.append(session_id)
        try:
            await page.says({"type": "heartbeat", "present": False})
            await page.hears("heartbeat")
            assert beats == []
            await page.says({"type": "heartbeat", "present": True})
            await page.hears("heartbeat")
            assert beats == [session.pk]
        finally:
            del visit_consumer.live.presence.beat


async def test_a_page_that_vanishes_while_it_is_answered_leaves_nothing_behind():
    session = await in_db(make_customer)(at=timezone.now())
    page = customers(session)
    async with page:
        await page.hears("state")

        async def broken(_message):
            raise OSError

        page.future.get_coro()  # the application runs
        (consumer,) = visit_consumer.switchboard._pages[tokens.read(page.token)]
        consumer.base_send = broken
        await page.says({"type": "heartbeat"})
        await page.says({"type": "ice"})
    assert len(visit_consumer.switchboard) == 0
    assert session.pk not in visit_consumer.live.presence.here()


async def test_who_was_in_the_call_until_now_is_soon_in_it_no_more(monkeypatch):
    monkeypatch.setattr(call_line, "KNOWN_FOR_S", 0.3)
    ana = await in_db(make_staff)()
    session = await call(ana)
    async with customers(session) as customer, staffs(session, ana) as before:
        await before.says(READY)
        await customer.hears("ready")
        await in_db(lifecycle.requeue)(session.pk, ana, timezone.now())
        await before.says(READY)  # begins anew, and is looked up
        await before.says({"type": "bye", "id": "page-1"})
        await before.says({"type": "ice"})
        await before.hears("ice")
        await asyncio.sleep(0.3)
        await before.says({"type": "bye", "id": "page-1"})
        await before.says({"type": "ice"})
        await before.hears("ice")
        assert not {"ready", "bye"} & set(await customer.has_heard_before_an_answer())
