"""A socket that tells staff what a hub computes, for as long as they may know."""

import time
from abc import abstractmethod
from collections import Counter
from typing import Any, ClassVar
from urllib.parse import parse_qs

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.db import SessionStore
from django.utils import translation

from monitoring.live import LiveHub

CHECK_AGAIN = 30.0  # seconds between two looks at whether a watcher may still watch
NOT_ALLOWED = 4403


class StaffSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Sends only. Closes with 4403 when the session is not, or is no longer, one of staff with `permission`.

    `watched` counts who watches by language, so that the hub renders only the languages somebody reads.
    """

    channel_layer_alias = ""  # none: what is told comes from the hub, and the page stays live when Redis is away
    permission: ClassVar[str]
    hub: ClassVar[LiveHub[Any]]
    watched: ClassVar[Counter[str]]
    language = ""

    @abstractmethod
    async def tell(self, value: Any) -> None:
        """Send what this watcher should see of the hub's new value."""

    async def connect(self) -> None:
        await self.accept()  # first, because a refused handshake would not tell the page the code
        if not await self._allowed():
            await self.close(NOT_ALLOWED)
            return
        self.language = language_of(self.scope)
        self.watched[self.language] += 1
        await self.hub.join(self._push)

    async def disconnect(self, _code: int) -> None:
        if self.language:
            self.watched[self.language] -= 1
            await self.hub.leave(self._push)

    async def _push(self, value: Any) -> None:
        if time.monotonic() >= self._check_at and not await self._allowed():
            await self.close(NOT_ALLOWED)
        else:
            await self.tell(value)

    async def _allowed(self) -> bool:
        """Asks the database anew: sessions end and permissions go while a page is open."""
        self._check_at = time.monotonic() + CHECK_AGAIN
        session = SessionStore(self.scope["session"].session_key)
        self.user: User | AnonymousUser = await get_user({**self.scope, "session": session})
        permitted = database_sync_to_async(self.user.has_perm)
        return bool(self.user.is_active and self.user.is_staff and await permitted(self.permission))


def language_of(scope: dict[str, Any]) -> str:
    """The language of the page that connects, which it names in its address."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("language", [""])[0]
    try:
        return translation.get_supported_language_variant(asked)
    except LookupError:
        return str(settings.LANGUAGE_CODE)
