"""Live values: computed once a tick for everybody who watches in this process, and not at all while nobody does."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from channels.db import database_sync_to_async

from monitoring.guard import quiet
from monitoring.news import Nudges

T = TypeVar("T")
Listener = Callable[[T], Awaitable[None]]

PATIENCE = 2.0  # seconds that one slow listener may hold up the others
SHORTEST_PAUSE = 0.1  # seconds between two ticks, unless a hub says otherwise


class LiveHub(Generic[T]):
    """Runs `compute` (sync) every `every` seconds while there are listeners, and at once when `group` is nudged.

    Between two runs it rests for `pause` seconds, however often that is.
    """

    def __init__(
        self, compute: Callable[[], T], every: float = 1.0, group: str = "", pause: float = SHORTEST_PAUSE
    ) -> None:
        self._compute, self._every, self._group = database_sync_to_async(compute), every, group
        self._pause = pause
        self._listeners: dict[Listener[T], Callable[[T], bool]] = {}
        self._task: asyncio.Task[None] | None = None

    async def join(self, listener: Listener[T], is_news: Callable[[T], bool] = lambda _: True) -> None:
        """`listener` is called with what `is_news` to it: hundreds who are told nothing cost next to nothing."""
        self._listeners[listener] = is_news
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def leave(self, listener: Listener[T]) -> None:
        self._listeners.pop(listener, None)
        if not self._listeners and self._task is not None:
            task, self._task = self._task, None  # at once: whoever joins meanwhile starts another
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        nudges = Nudges(self._group)
        nudges.begin()
        try:
            while self._listeners:
                await self._tick()
                await asyncio.sleep(self._pause)
                await nudges.wait(self._every)
        finally:
            await nudges.end()

    async def _tick(self) -> None:
        with quiet("a live tick"):
            value = await self._compute()
            told = [listener for listener, is_news in self._listeners.items() if is_news(value)]
            await asyncio.gather(*(_tell(listener, value) for listener in told), return_exceptions=True)


async def _tell(listener: Listener[T], value: T) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await listener(value)
