"""The overview's live numbers: one reading and one rendering a language for everybody who watches in this process."""

import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from monitoring.answers import PERMISSION
from monitoring.live import LiveHub
from monitoring.overview import snapshot
from monitoring.verdicts import verdicts

EVERY = 2.0  # seconds between two pushes
CHECK_AGAIN = 30.0  # seconds between two looks at whether a watcher may still watch
NOT_ALLOWED = 4403

watched: Counter[str] = Counter()  # languages of those who watch now


def render() -> dict[str, str]:
    """The overview's moving part, in each language that is watched."""
    taken = snapshot(now())
    rendered: dict[str, str] = {}
    for language in [language for language, watchers in watched.items() if watchers]:
        with translation.override(language):
            context = {"snapshot": taken, "verdicts": verdicts(taken)}
            rendered[language] = render_to_string("monitoring/_overview.html", context)
    return rendered


hub = LiveHub(render, every=EVERY)


class PanelConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Sends only. Closes with 4403 when the session is not, or is no longer, one of staff who may see the panel."""

    language = ""

    async def connect(self) -> None:
        await self.accept()  # first, because a refused handshake would not tell the page the code
        if not await self._allowed():
            await self.close(NOT_ALLOWED)
            return
        self.language = language_of(self.scope)
        watched[self.language] += 1
        await hub.join(self._push)

    async def disconnect(self, _code: int) -> None:
        if self.language:
            watched[self.language] -= 1
            await hub.leave(self._push)

    async def _push(self, rendered: dict[str, str]) -> None:
        if time.monotonic() >= self._check_at and not await self._allowed():
            await self.close(NOT_ALLOWED)
        elif self.language in rendered:
            await self.send(rendered[self.language])

    async def _allowed(self) -> bool:
        """Asks the database anew: sessions end and permissions go while a page is open."""
        self._check_at = time.monotonic() + CHECK_AGAIN
        session = SessionStore(self.scope["session"].session_key)
        user = await get_user({**self.scope, "session": session})
        return bool(user.is_active and user.is_staff and await database_sync_to_async(user.has_perm)(PERMISSION))


def language_of(scope: dict[str, Any]) -> str:
    """The language of the page that connects, which it names in its address."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("language", [""])[0]
    try:
        return translation.get_supported_language_variant(asked)
    except LookupError:
        return str(settings.LANGUAGE_CODE)
