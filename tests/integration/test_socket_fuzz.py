"""Whatever participants say, in whatever order: the server answers or hangs up with a code, neither fails nor grows."""

import gc
import json
import logging
import tracemalloc
from dataclasses import dataclass
from itertools import pairwise

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.core import signing
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sessions_app import live, tokens, visit_consumer
from sessions_app.close_codes import CloseCode
from sessions_app.models import Role
from sessions_app.routing import websocket_urlpatterns
from sessions_app.visit_messages import HANDLERS
from tests.factories import make_call, make_customer, make_staff
from tests.sockets import Socket

pytestmark = [pytest.mark.django_db(transaction=True)]
in_db = database_sync_to_async
KINDS = sorted({kind for handlers in HANDLERS.values() for kind in handlers})
FIELDS = sorted(
    {"id", "reply", "description", "candidate", "sdp", "type", "token", "present", "attempt", "result", "failure"}
    | {"connection_time_ms", "ice_ms", "kind", "at", "name", "value", "samples", "sdpMid", "sdpMLineIndex"}
)
TEXT = some.text(some.characters(), max_size=80) | some.sampled_from(["offer", "answer", "connected", "\0", "\ud800"])
ODD = some.sampled_from([None, True, -1, 10**400, 1e308, float("nan"), float("-inf"), "9" * 300, [], {}])
ANYTHING = some.recursive(
    TEXT | ODD | some.integers() | some.floats(),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(FIELDS) | TEXT, inner, max_size=4)
    ),
    max_leaves=6,
)
KNOWN = some.builds(
    lambda kind, fields: json.dumps(fields | {"type": kind}),
    some.sampled_from(KINDS),
    some.dictionaries(some.sampled_from(FIELDS), ANYTHING, max_size=5),
)
SHAPED = some.fixed_dictionaries(
    {"type": some.sampled_from(KINDS), "id": some.just("a") | ANYTHING},
    optional=dict.fromkeys(("description", "candidate", "attempt", "connection_time_ms", "kind"), ANYTHING),
).map(json.dumps)
OFFER = json.dumps({"type": "description", "id": "a", "description": {"type": "offer", "sdp": "v=0\r\n" * 9000}})
GOOD = [
    json.dumps(message)
    for message in (
        {"type": "ready", "id": "a", "reply": False},
        {"type": "candidate", "id": "a", "candidate": {"candidate": "", "sdpMid": "0", "sdpMLineIndex": 0}},
        {"type": "bye", "id": "a"},
        {"type": "ice"},
        {"type": "report", "attempt": "a-b", "connection_time_ms": 5},
    )
]
PAIRS = [("[", "]"), ('{"type":', "}"), ('{"type":"report","a":', "}"), ("[", "")]
NESTED = some.builds(
    lambda depth, pair: pair[0] * depth + pair[1] * depth,
    some.sampled_from([1, 40, 400, 4000]),
    some.sampled_from(PAIRS),
)
HUGE = some.builds(lambda size: json.dumps({"type": "ready", "id": "x" * size}), some.integers(4000, 80_000))
HELLO = some.sampled_from(["own", "other", "expired", "unknown", "staff"]).map(lambda whose: ("hello", whose))
FLOOD = some.integers(61, 200).map(lambda times: ("flood", times))
POLITE = KNOWN | SHAPED | some.sampled_from([*GOOD, OFFER]) | HELLO  # what does not end a line by itself
RUDE = POLITE | ANYTHING.map(json.dumps) | TEXT | NESTED | HUGE | some.binary(max_size=100) | FLOOD


def script(said):
    return some.lists(some.tuples(some.sampled_from(["customer", "staff", "stranger"]), said), min_size=5, max_size=40)


@dataclass
class Cast:
    tokens: dict[str, str]


@pytest.fixture
def cast(transactional_db):
    """Somebody in a call, somebody else, and what else a token may be."""
    ana, bo = make_staff(), make_staff("bo")
    mine, other = make_call(ana, timezone.now()), make_customer("Di", timezone.now())
    old = signing.TimestampSigner(salt=tokens.SALT)
    old.timestamp = lambda: signing.b62_encode(1)
    return Cast(
        {
            "own": tokens.make(mine.pk, Role.CUSTOMER),
            "staff": tokens.make(mine.pk, Role.STAFF, ana.pk),
            "wrong staff": tokens.make(mine.pk, Role.STAFF, bo.pk),
            "other": tokens.make(other.pk, Role.CUSTOMER),
            "expired": old.sign_object([mine.pk.hex, "customer", None, 0]),
            "unknown": tokens.make(mine.pk, Role.CUSTOMER)[:-1] + "~",
        }
    )


class Page(Socket):
    def __init__(self):
        super().__init__(websocket_urlpatterns, "/ws/visit/")

    async def hello(self, token):
        await self.says({"type": "hello", "token": token})

    async def leaves(self):
        """Everything that was said to it, once it has gone."""
        await self.send_input({"type": "websocket.disconnect", "code": 1005})
        await self.wait(20)
        return [self.output_queue.get_nowait() for _ in range(self.output_queue.qsize())]


async def plays(cast, script):
    pages = {name: Page() for name in ("customer", "staff", "stranger")}
    for page in pages.values():
        await page.__aenter__()
    await pages["customer"].hello(cast.tokens["own"])
    await pages["staff"].hello(cast.tokens["staff"])
    for who, said in script:
        match said:
            case ("hello", whose):
                await pages[who].hello(cast.tokens[whose])
            case ("flood", times):
                for _ in range(times):
                    await pages[who].says({"type": "heartbeat"})
            case bytes():
                await pages[who].send_input({"type": "websocket.receive", "bytes": said})
            case _:
                await pages[who].says_text(said)
    return [await page.leaves() for page in pages.values()]


def is_sound(heard):
    """Messages of ours, and at most one close, with a code of ours, after which there is nothing."""
    *before, last = heard or [{"type": "websocket.send", "text": '{"type": ""}'}]
    assert {message["type"] for message in before} <= {"websocket.send"}
    for message in (*before, last):
        if message["type"] == "websocket.send":
            assert isinstance(json.loads(message["text"])["type"], str)
        else:
            assert message["type"] == "websocket.close"
            assert message["code"] in set(CloseCode)
            assert message["reason"]


def nothing_is_left():
    groups = [group for group in get_channel_layer().groups if group.startswith("call.")]
    return (len(visit_consumer.switchboard), groups, live.presence.here()) == (0, [], [])


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(script(POLITE) | script(RUDE))
async def test_whatever_is_said_is_answered_or_hung_up_on(cast, caplog, script):
    caplog.clear()
    for heard in await plays(cast, script):
        is_sound(heard)
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert nothing_is_left()


MIX = [message for message in GOOD if "ice" not in message]
MIX += [OFFER, *map(json.dumps, ({"type": "heartbeat"}, {"type": "nonsense"}, {"type": "hello"}))]


async def test_thousands_of_messages_leave_nothing_behind(cast, monkeypatch, telemetry):
    """Once warm, memory stays where it is, on the side that speaks and on the one that hears."""
    monkeypatch.setattr(visit_consumer, "BURST", 10**9)
    async with Page() as customer, Page() as staff:
        await customer.hello(cast.tokens["own"])
        await staff.hello(cast.tokens["staff"])
        await say(MIX * 10, customer, staff)
        tracemalloc.start()
        try:
            await say(MIX * 40, customer, staff)
            in_turn = [await in_use(telemetry)]
            for _ in range(3):
                await say(MIX * 60, customer, staff)
                in_turn.append(await in_use(telemetry))
        finally:
            tracemalloc.stop()
    grown = [later - before for before, later in pairwise(in_turn)]
    assert min(grown) < 60_000, (
        f"{grown} bytes more after {60 * len(MIX)} messages each"
    )  # what stays is left each time
    assert nothing_is_left()


async def in_use(telemetry):
    """Bytes, with what is measured on the way to the database, where it goes every second while a server runs."""
    await in_db(telemetry.flush)()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def say(messages, customer, staff):
    """All of it has been heard when the question for servers, put now and then, is answered."""
    for n, message in enumerate(messages, 1):
        await customer.says_text(message)
        if n % 20 == 0:
            await customer.says({"type": "ice"})
            while json.loads(await customer.receives())["type"] != "ice":
                pass
            while not staff.output_queue.empty():
                staff.output_queue.get_nowait()
