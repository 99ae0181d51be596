"""What web processes share: news for each other, and the cache. Both live in one process, or in Redis for several."""

from typing import Any
from urllib.parse import urlsplit

MEMORY = "memory://"


def channel_layers(address: str) -> dict[str, Any]:
    """Redis' own publishing at `address`: nothing waits in a list there, and news that nobody hears is gone.

    What is published is heard in every database of a Redis, so the number of ours is in the name.
    """
    if not address:
        return {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    from redis.asyncio.retry import Retry  # loaded only where it is used
    from redis.backoff import NoBackoff

    # A connection that died is replaced at once; whoever waits for news of it must not wait for a server that is away.
    once_more = Retry(NoBackoff(), 1)
    hosts = [{"address": address, "socket_connect_timeout": 2, "health_check_interval": 10, "retry": once_more}]
    number = urlsplit(address).path.strip("/") or "0"
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": hosts, "prefix": f"adminara:{number}"},
        }
    }


def caches(address: str) -> dict[str, Any]:
    if not address:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": address,
            "KEY_PREFIX": "adminara",
            "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        }
    }
