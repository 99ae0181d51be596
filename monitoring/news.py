"""News for the pages of every web process, by the channel layer; what carries it (Redis) may be away."""

import asyncio
from contextlib import suppress

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

CutOff = RedisError  # what a channel layer raises while its Redis is away

LISTEN_AGAIN = 1.0  # seconds


def nudge(group: str) -> None:
    """Wake who watches `group`, in every process. While they cannot be told, each looks by itself, a tick later."""
    with suppress(CutOff):
        async_to_sync(get_channel_layer().group_send)(group, {"type": "nudge"})


class Nudges:
    """Hears, between `begin` and `end`, of what is told to `group`; any number of times before `wait` is one time."""

    def __init__(self, group: str) -> None:
        self._group, self._nudged = group, asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._group:
            self._task = asyncio.create_task(self._listen())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait(self, seconds: float) -> None:
        """Return at a nudge, or after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nudged.wait(), seconds)
        self._nudged.clear()

    async def _listen(self) -> None:
        while True:
            with suppress(CutOff):
                await self._hear()
            await asyncio.sleep(LISTEN_AGAIN)

    async def _hear(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(self._group, channel)
        try:
            while True:
                await layer.receive(channel)
                self._nudged.set()
        finally:
            with suppress(CutOff):
                await layer.group_discard(self._group, channel)
