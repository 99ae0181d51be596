"""Wakes the live pages of this and every other process that shares the channel layer."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def nudge(**_: object) -> None:
    async_to_sync(get_channel_layer().group_send)("desk", {"type": "nudge"})
