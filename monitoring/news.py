"""News for the pages of every web process, by the channel layer; what carries it (Redis) may be away."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from monitoring.guard import quiet

LISTEN_AGAIN = 1.0  # seconds
TELL_AGAIN = 0.02  # seconds from one telling of a server to its next


def cut_off() -> tuple[type[Exception], ...]:
    """What a channel layer raises while its Redis is away. Its client takes a tenth of a start to load."""
    if not settings.REDIS_URL:
        return ()
    from redis.exceptions import RedisError

    return (RedisError,)


def nudge(group: str, about: str = "") -> None:
    """Wake who watches `group`, in every process, and say what it is `about`, where one thing has changed.

    While they cannot be told, each looks by itself, a tick later.
    """
    subjects = {about} if about else set()
    if not herald.notes(group, subjects):
        async_to_sync(_tell)(group, subjects)


async def _tell(group: str, about: Iterable[str]) -> None:
    with suppress(*cut_off()):
        await get_channel_layer().group_send(group, {"type": "nudge", "about": list(about)})


class Herald:
    """Tells for a server's threads, in its loop: they wait for no Redis, and a hundred changes are told together."""

    def __init__(self) -> None:
        self._noted: defaultdict[str, set[str]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        self._loop, task, self._task = None, self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def notes(self, group: str, about: Iterable[str]) -> bool:
        """From any thread. False where no server runs, as in a command."""
        if (loop := self._loop) is None:
            return False
        loop.call_soon_threadsafe(self._note, group, about)
        return True

    def _note(self, group: str, about: Iterable[str]) -> None:
        self._noted[group].update(about)
        self._news.set()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            noted, self._noted = self._noted, defaultdict(set)
            with quiet("telling news"):
                for group, about in noted.items():
                    await _tell(group, about)
            await asyncio.sleep(TELL_AGAIN)


herald = Herald()


class Nudges:
    """Hears, between `begin` and `end`, of what is told to `group`; any number of times before `wait` is one time."""

    def __init__(self, group: str) -> None:
        self._group, self._nudged = group, asyncio.Event()
        self._about: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._group:
            self._task = asyncio.create_task(self._listen())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait(self, seconds: float) -> frozenset[str]:
        """What was told since the last time, at a nudge or after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nudged.wait(), seconds)
        self._nudged.clear()
        about, self._about = frozenset(self._about), set()
        return about

    async def _listen(self) -> None:
        while True:
            with suppress(*cut_off()):
                await self._hear()
            await asyncio.sleep(LISTEN_AGAIN)

    async def _hear(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(self._group, channel)
        try:
            while True:
                message = await layer.receive(channel)
                self._about.update(message.get("about", ()))  # not there from a version before this one
                self._nudged.set()
        finally:
            with suppress(*cut_off()):
                await layer.group_discard(self._group, channel)
