"""One participant's line to the other: what is said goes to their newest page, in whichever process its socket is.

It notes when it passed on the first offer of each of the other side's pages: by this the page's own times are judged.
"""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from channels.layers import get_channel_layer
from django.utils import timezone

from monitoring import cut_off
from sessions_app.signalling import Signal
from sessions_app.tokens import Bearer

KNOWN_FOR_S = 5.0  # a partner who was found when a page was ready; a connection comes about within a tenth of a second
MOST_OFFERS = 16  # of different pages, noted for one socket


class CallLine:
    """`say` sends to the page whose line this is. A participant's second page takes the line over from the first.

    Each page tells all of them that it is there, itself included, and they hear that in one order: so the last one has
    the line, also when two come at the same time.
    """

    def __init__(self, channel: str, bearer: Bearer, say: Callable[[Signal], Awaitable[None]]) -> None:
        self._layer = get_channel_layer()
        self._channel, self._own, self._say = channel, _group(bearer), say
        self._partner: Bearer | None = None
        self._met_at = 0.0
        self._is_open = self._taken_over = False
        self._offers: dict[str, datetime] = {}

    async def open(self) -> None:
        await self._layer.group_add(self._own, self._channel)
        await self._layer.group_send(self._own, {"type": "call.opened", "page": self._channel})

    async def close(self) -> None:
        with suppress(*cut_off()):
            await self._layer.group_discard(self._own, self._channel)
            if self._partner:
                await self.pass_on({"type": "away"}, self._partner)

    def meet(self, partner: Bearer | None) -> None:
        self._partner, self._met_at = partner or self._partner, time.monotonic() if partner else 0.0

    @property
    def partner(self) -> Bearer | None:
        """Whom this page has just met: asking the database for each signal would make the connection wait for it."""
        return self._partner if time.monotonic() - self._met_at < KNOWN_FOR_S else None

    async def pass_on(self, message: Signal, partner: Bearer) -> None:
        if not self._taken_over:
            await self._layer.group_send(_group(partner), {"type": "call.signal", "message": message})

    async def hear(self, event: dict[str, Any]) -> None:
        if self._taken_over:
            return
        message = event["message"]
        if message["type"] == "description" and message["description"]["type"] == "offer":
            self._note(message["id"])
        await self._say(message)

    def _note(self, page: str) -> None:
        if len(self._offers) < MOST_OFFERS:
            self._offers.setdefault(page, timezone.now())

    def offered_at(self, attempt: object) -> datetime | None:
        """When the offer of `attempt` (`<customer's page>-<staff's page>`) came by, at the earliest; None: not here."""
        page = str(attempt).rpartition("-")[2]
        return self._offers.get(page, min(self._offers.values(), default=None))

    async def opened(self, event: dict[str, Any]) -> None:
        """This participant has opened a page: this one, or one whose line was open before, or one that comes later."""
        if event["page"] == self._channel:
            self._is_open = True
        elif self._is_open:
            self._taken_over = True
            await self._say({"type": "elsewhere"})


def _group(bearer: Bearer) -> str:
    return f"call.{bearer.session_id.hex}.{bearer.role.value}.{bearer.staff_id or 0}"
