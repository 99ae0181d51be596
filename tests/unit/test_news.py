"""A server's threads say that something is new, and its loop tells everybody: soon, and many changes as one."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from redis.exceptions import ConnectionError as CutOff

from monitoring.news import TELL_AGAIN, Herald, herald, nudge


@pytest.fixture
async def hears():
    """How often the group was told of, as one who watches hears it."""
    layer, heard = get_channel_layer(), []
    channel = await layer.new_channel()
    await layer.group_add("queue", channel)

    async def listen():
        while True:
            heard.append(await layer.receive(channel))

    task = asyncio.create_task(listen())
    yield heard
    task.cancel()
    await layer.group_discard("queue", channel)


@pytest.fixture
async def server():
    herald.begin()
    yield herald
    await herald.end()


async def test_many_changes_are_told_as_few(hears, server):
    for _ in range(100):
        await sync_to_async(nudge)("queue")
        await asyncio.sleep(TELL_AGAIN / 20)
    await asyncio.sleep(0.3)
    assert 1 <= len(hears) < 50


async def test_all_that_has_changed_is_named(hears, server):
    for number in range(100):
        await sync_to_async(nudge)("queue", about=str(number))
    await asyncio.sleep(0.3)
    assert len(hears) < 50
    assert sorted(int(subject) for news in hears for subject in news["about"]) == list(range(100))


async def test_the_last_change_is_told_too(hears, server):
    await sync_to_async(nudge)("queue")
    await asyncio.sleep(0.3)
    await sync_to_async(nudge)("queue")
    await asyncio.sleep(0.3)
    assert len(hears) == 2


async def test_without_a_server_a_change_is_told_at_once(hears):
    await sync_to_async(nudge)("queue")
    async with asyncio.timeout(5):
        while not hears:
            await asyncio.sleep(0.01)
    assert len(hears) == 1


async def test_news_are_told_again_after_nobody_could_be(hears, server, monkeypatch, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    layer = get_channel_layer()
    tell = layer.group_send

    async def cut_off(*_):
        raise CutOff

    monkeypatch.setattr(layer, "group_send", cut_off)
    await sync_to_async(nudge)("queue")
    await asyncio.sleep(0.1)
    monkeypatch.setattr(layer, "group_send", tell)
    await sync_to_async(nudge)("queue")
    await asyncio.sleep(0.3)
    assert len(hears) == 1


async def test_who_has_ended_tells_nobody(hears):
    ended = Herald()
    ended.begin()
    await ended.end()
    await ended.end()
    assert not ended.notes("queue", ())
