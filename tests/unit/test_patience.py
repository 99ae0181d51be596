import asyncio
import time

import pytest

from sessions_app.patience import Patience

WITHIN_S = 0.2


@pytest.fixture
def calls():
    """When `lost` was called, by the monotonic clock."""
    return []


def expecting(calls, within_s=WITHIN_S):
    async def lost():
        calls.append(time.monotonic())

    return Patience(within_s, lost)


async def test_silence_is_noticed_once(calls):
    began = time.monotonic()
    expecting(calls)
    await asyncio.sleep(3 * WITHIN_S)
    (at,) = calls
    assert WITHIN_S <= at - began < 2 * WITHIN_S


async def test_a_word_gives_the_whole_time_again(calls):
    patience = expecting(calls)
    await asyncio.sleep(0.75 * WITHIN_S)
    patience.heard()
    heard_at = time.monotonic()
    await asyncio.sleep(2 * WITHIN_S)
    (at,) = calls
    assert WITHIN_S - 0.01 <= at - heard_at < 1.7 * WITHIN_S


async def test_what_has_been_ended_does_nothing(calls):
    patience = expecting(calls)
    await asyncio.sleep(WITHIN_S / 2)
    patience.end()
    await asyncio.sleep(2 * WITHIN_S)
    assert calls == []


async def test_a_server_that_was_stopped_blames_nobody_and_waits_again(calls):
    expecting(calls)
    await asyncio.sleep(0)
    time.sleep(WITHIN_S + 1.2)
    await asyncio.sleep(WITHIN_S / 2)
    assert calls == []
    await asyncio.sleep(WITHIN_S)
    assert len(calls) == 1
