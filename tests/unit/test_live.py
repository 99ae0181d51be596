"""Live values: one computation a tick however many watch, none while nobody does."""

import asyncio
from functools import partial

import pytest
from channels.layers import get_channel_layer

from monitoring import LiveHub, NewsHub

# The computation runs in a thread that closes old database connections around it.
pytestmark = pytest.mark.django_db(transaction=True)


class Counter:
    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return self.calls


async def test_one_computation_serves_everybody():
    compute, seen = Counter(), {"ana": [], "bo": []}
    hub = LiveHub(compute, every=0.02)

    async def ana(value):
        seen["ana"].append(value)

    async def bo(value):
        seen["bo"].append(value)

    await hub.join(ana)
    await hub.join(bo)
    await asyncio.sleep(0.4)
    await hub.leave(ana)
    await hub.leave(bo)
    assert seen["ana"] == seen["bo"] == list(range(1, compute.calls + 1))


async def test_nothing_runs_while_nobody_watches():
    compute = Counter()
    hub = LiveHub(compute, every=0.02)

    async def ana(value):
        pass

    await asyncio.sleep(0.05)
    assert compute.calls == 0
    await hub.join(ana)
    await asyncio.sleep(0.2)
    await hub.leave(ana)
    calls = compute.calls
    await asyncio.sleep(0.2)
    assert compute.calls == calls > 0


async def test_a_nudge_brings_the_next_tick_forward():
    compute = Counter()
    hub = LiveHub(compute, every=60, group="test")

    async def ana(value):
        pass

    await hub.join(ana)
    await asyncio.sleep(1)
    assert compute.calls == 1
    await get_channel_layer().group_send("test", {"type": "nudge"})
    await asyncio.sleep(1)
    await hub.leave(ana)
    assert compute.calls == 2


async def test_a_listener_that_fails_does_not_disturb_the_others():
    hub, seen = LiveHub(Counter(), every=0.02), []

    async def broken(value):
        raise ConnectionError

    async def ana(value):
        seen.append(value)

    await hub.join(broken)
    await hub.join(ana)
    await asyncio.sleep(0.3)
    await hub.leave(broken)
    await hub.leave(ana)
    assert len(seen) > 1


async def test_what_is_news_is_told_at_once_and_nothing_else_is_computed():
    seen = []
    hub = NewsHub(sorted, group="test")

    async def ana(value):
        seen.append(value)

    await hub.join(ana)
    await asyncio.sleep(0.5)
    assert seen == []
    await get_channel_layer().group_send("test", {"type": "nudge", "about": ["2", "1"]})
    await asyncio.sleep(0.5)
    await get_channel_layer().group_send("test", {"type": "nudge"})  # as a version before this one tells it
    await asyncio.sleep(0.5)
    await get_channel_layer().group_send("test", {"type": "nudge", "about": ["3"]})
    await asyncio.sleep(0.5)
    await hub.leave(ana)
    assert seen == [["1", "2"], ["3"]]


async def test_thousands_who_are_told_let_others_get_a_word_in():
    hub, order = LiveHub(lambda: "news", every=60), []

    async def busy(_value):
        order.append("told")

    async def other():
        while not order:
            await asyncio.sleep(0)
        order.append("other")

    for _ in range(2000):
        await hub.join(partial(busy))
    waits = asyncio.create_task(other())
    await asyncio.sleep(1)
    await waits
    for listener in list(hub._listeners):
        await hub.leave(listener)
    assert order.count("told") == 2000
    assert order.index("other") < 200
