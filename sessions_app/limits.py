"""How much one address may ask for: joins, logins and messages."""

import math
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from sessions_app.errors import TooMany
from sessions_app.pages import refusal

PATIENCE = {"wrap_exceptions": True, "socket_connect_timeout": 1, "socket_timeout": 1}  # seconds


class Limiter:
    """Counts what all web processes let in, at the address that RATE_LIMITS names.

    While that does not answer each process counts by itself: nobody is locked out, and nobody let in without a limit.
    """

    def __init__(self, address: str) -> None:
        self._together = MovingWindowRateLimiter(storage_from_string(address, **PATIENCE))
        self._alone = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, item: RateLimitItem, *key: str) -> float:
        """Count one more. Returns 0 when it fits, else in how many seconds one will."""
        try:
            return _hit(self._together, item, key)
        except StorageError:
            return _hit(self._alone, item, key)

    def forget(self) -> None:
        for limiter in (self._together, self._alone):
            limiter.storage.reset()


def _hit(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: tuple[str, ...]) -> float:
    if limiter.hit(item, *key):
        return 0.0
    return max(1.0, limiter.get_window_stats(item, *key).reset_time - time.time())


limiter = Limiter(settings.RATE_LIMITS)


def client_address(request: HttpRequest) -> str:
    return address_of(request.headers.get("X-Forwarded-For", ""), request.META.get("REMOTE_ADDR", ""))


def address_of(forwarded: str, peer: str) -> str:
    """The address somebody came from: what the outermost trusted proxy saw, never what the client wrote itself.

    `forwarded` is the header X-Forwarded-For, `peer` the other end of the connection.
    """
    claimed = [part.strip() for part in forwarded.split(",")]
    proxies = settings.TRUSTED_PROXIES
    candidate = claimed[-proxies] if 0 < proxies <= len(claimed) else ""
    for address in (candidate, peer):
        try:
            return str(ip_address(address))
        except ValueError:
            continue
    return "::"  # a server behind a Unix socket without a proxy: everybody shares one limit


def household(address: str) -> str:
    """Who counts as one: an IPv4 address, or an IPv6 network of 64 bits, whose addresses cost their owner nothing."""
    ip = ip_address(address)
    return str(IPv6Address(int(ip) >> 64 << 64)) if isinstance(ip, IPv6Address) else address


def shortened(address: str) -> str:
    """What of an address may be kept: the network of 24 bits (IPv4) or 48 bits (IPv6) that it is in."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        return shortened(str(ip.ipv4_mapped)) if ip.ipv4_mapped else str(IPv6Address(int(ip) >> 80 << 80))
    return str(IPv4Address(int(ip) >> 8 << 8))


def network(request: HttpRequest) -> str:
    """Where the request came from, as far as it may be kept: by this and the name failed logins are locked."""
    return shortened(client_address(request))


def allow(request: HttpRequest, what: str, per_minute: int) -> None:
    """Count one more `what` from the address of `request`. Raises TooMany."""
    if wait_s := limiter.hit(RateLimitItemPerMinute(per_minute), what, household(client_address(request))):
        raise TooMany(math.ceil(wait_s))


class LoginThrottle(MiddlewareMixin):
    """Slows down whoever tries one login after another; axes locks what is tried too often."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        if request.method == "POST" and request.path == reverse("admin:login"):
            try:
                allow(request, "login", settings.LOGIN_ATTEMPTS_PER_MINUTE)
            except TooMany as error:
                return refusal(request, error)
        return None


class Bucket:
    """A token bucket: `burst` messages at once, refilled within `period` seconds."""

    def __init__(self, burst: int, period: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._rate, self._clock = burst, burst / period, clock
        self._tokens, self._at = float(burst), clock()

    def take(self) -> bool:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
