"""The server's own start and stop, as the ASGI lifespan protocol tells them: the panel starts and ends with them."""

import gc
from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async

from monitoring.alerting.watch import watch
from monitoring.guard import harmless
from monitoring.news import herald
from monitoring.process import identity
from monitoring.shutdown import end_telemetry
from monitoring.store.buffer import buffer


class Lifespan:
    """`at_start` is run, in a thread, before the first request is let in."""

    def __init__(self, role: str, at_start: Callable[[], None]) -> None:
        self._role, self._at_start = role, at_start

    def _begin(self) -> None:
        with harmless("the server's start"):
            self._at_start()

    async def __call__(
        self,
        _scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        await receive()
        identity.role = self._role
        buffer.start()
        await database_sync_to_async(self._begin)()
        watch.begin()
        herald.begin()
        gc.collect()
        gc.freeze()  # what is loaded stays: to look through it for garbage again and again holds up everybody
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.end()
        await herald.end()
        # uvicorn ends by its signal's default action, which runs no exit handler: this is the last chance to write.
        await database_sync_to_async(end_telemetry)()
        await send({"type": "lifespan.shutdown.complete"})
