"""The least that a live page needs: a text of 4 KB every second to everybody, over a bare Channels group.

Served by `uvicorn tests.benchmark.inside.fanout:application`.
"""

import asyncio
import random

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})

WORDS = ["<div class='tile'>", "<p>", "</p>", "</div>", "waiting", "answered", *map(str, range(100))]
SIZE = 4096


class Hearer(AsyncWebsocketConsumer):
    groups = ["all"]
    telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        Hearer.telling = Hearer.telling or asyncio.create_task(tell())

    async def said(self, event: dict[str, str]) -> None:
        await self.send(event["text"])


async def tell() -> None:
    """Compresses as HTML does, and is never the same."""
    layer, chance = get_channel_layer(), random.Random(1)
    while True:
        await layer.group_send("all", {"type": "said", "text": " ".join(chance.choices(WORDS, k=SIZE))[:SIZE]})
        await asyncio.sleep(1)


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/panel/", Hearer.as_asgi())])})
