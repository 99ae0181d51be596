"""Live values: computed once a tick for everybody who watches in this process, and not at all while nobody does."""

import asyncio
import contextlib
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

from channels.db import DatabaseSyncToAsync

from monitoring.guard import quiet
from monitoring.news import Nudges

T = TypeVar("T")
Listener = Callable[[T], Awaitable[None]]

# All sockets share one thread for what they ask the database: a hub's long reading must not hold that up.
in_own_thread = partial(DatabaseSyncToAsync, thread_sensitive=False)

PATIENCE = 2.0  # seconds that one slow listener may hold up the others
SHORTEST_PAUSE = 0.1  # seconds between two ticks, unless a hub says otherwise
NEWS_PAUSE = 0.02  # seconds from one telling of news to the next
NEWS_EVERY = 60.0  # seconds after which a hub without news looks whether anybody listens
IDLE_TIMES, LONGEST_IDLE = 20, 2.0  # without news, a costly look is taken as seldom as so many times what it took
LONGEST_REST = 1.0  # seconds after a tick that took longer than that
SLICE = 10  # listeners who are told before anybody else in this process gets a word in


class Hub(Generic[T]):
    """Who listens, and a task that ticks every `every` seconds while anybody does, and at once when `group` is nudged.

    Between two ticks it rests for `pause` seconds, however often that is, and about as long as a tick took: thousands
    of listeners take no more than half of a processor.
    """

    def __init__(self, every: float, group: str, pause: float) -> None:
        self._every, self._group, self._pause = every, group, pause
        self._took = 0.0  # seconds of the last computation
        self._listeners: dict[Listener[T], Callable[[T], bool]] = {}
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _tick(self, about: frozenset[str]) -> None:
        """`about` is what was told since the tick before."""

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
        about: frozenset[str] = frozenset()
        try:
            while self._listeners:
                began = time.monotonic()
                with quiet("a live tick"):
                    await self._tick(about)
                await asyncio.sleep(max(self._pause, min(time.monotonic() - began, LONGEST_REST)))
                about = await nudges.wait(max(self._every, min(IDLE_TIMES * self._took, LONGEST_IDLE)))
        finally:
            await nudges.end()

    async def _tell(self, value: T) -> None:
        told = [listener for listener, is_news in self._listeners.items() if is_news(value)]
        for at in range(0, len(told), SLICE):
            here = [listener for listener in told[at : at + SLICE] if listener in self._listeners]
            await asyncio.gather(*(_told(listener, value) for listener in here), return_exceptions=True)


class LiveHub(Hub[T]):
    """Tells what `compute` (sync) says now."""

    def __init__(
        self, compute: Callable[[], T], every: float = 1.0, group: str = "", pause: float = SHORTEST_PAUSE
    ) -> None:
        super().__init__(every, group, pause)
        self._compute = in_own_thread(compute)

    async def _tick(self, _about: frozenset[str]) -> None:
        began = time.monotonic()
        value = await self._compute()
        self._took = time.monotonic() - began
        await self._tell(value)


class NewsHub(Hub[T]):
    """Tells at once what `compute` (sync) says of what the nudges are about, and nothing while there are none.

    Beside a LiveHub that tells thousands what has moved for all of them: who is concerned does not wait for the others.
    """

    def __init__(self, compute: Callable[[frozenset[str]], T], group: str) -> None:
        super().__init__(NEWS_EVERY, group, NEWS_PAUSE)
        self._compute = in_own_thread(compute)

    async def _tick(self, about: frozenset[str]) -> None:
        if about:
            await self._tell(await self._compute(about))


async def _told(listener: Listener[T], value: T) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await listener(value)
