"""How long the server waits for a word from a page."""

import asyncio
from collections.abc import Awaitable, Callable

DEAF_S = 1.0  # a timer that is later than this tells of ourselves: we were stopped, or too busy to hear anybody


class Patience:
    """Calls `lost` once nothing has been heard for `within_s` seconds, unless it has been ended before.

    Hearing only notes the time, for there are hundreds of pages: the timer looks for itself, once in `within_s`.
    """

    def __init__(self, within_s: float, lost: Callable[[], Awaitable[None]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._within_s, self._lost = within_s, lost
        self.heard()
        self._wait(within_s)

    def heard(self) -> None:
        self._heard_at = self._loop.time()

    def end(self) -> None:
        self._timer.cancel()

    def _wait(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        if self._loop.time() > self._timer.when() + DEAF_S:
            self.heard()
        left_s = self._heard_at + self._within_s - self._loop.time()
        if left_s > 0:
            self._wait(left_s)
        else:
            self._task = asyncio.ensure_future(self._lost())
