"""Two installations that use different databases of one Redis."""

import asyncio

from channels_redis.pubsub import RedisPubSubChannelLayer

from adminara.shared import channel_layers


async def test_what_one_tells_the_other_does_not_hear(shared_redis):
    ours, beside, other = (layer(shared_redis, number) for number in (1, 1, 2))
    heard = [await listening(each) for each in (beside, other)]
    await ours.group_send("desk", {"type": "nudge"})
    beside_heard, other_heard = heard
    assert await beside_heard == {"type": "nudge"}
    await other.group_send("desk", {"type": "nudge", "about": ["itself"]})
    assert await other_heard == {"type": "nudge", "about": ["itself"]}, "it heard the first one"
    for each in (ours, beside, other):
        await each.flush()


def layer(redis, number):
    address = redis.url.removesuffix("/0") + f"/{number}"
    return RedisPubSubChannelLayer(**channel_layers(address)["default"]["CONFIG"])


async def listening(layer):
    """What it hears first."""
    channel = await layer.new_channel()
    await layer.group_add("desk", channel)
    return asyncio.ensure_future(asyncio.wait_for(layer.receive(channel), 10))
