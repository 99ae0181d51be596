"""Where the traffic goes: this machine only, unless its owner says otherwise. Each client has an address of its own."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from sessions_app.simulation.errors import SimulationError


@dataclass(frozen=True)
class Target:
    url: str
    many_addresses: bool

    @classmethod
    def parse(cls, url: str, *, owned: bool) -> "Target":
        """Raises SimulationError for an address that is not on this machine, unless it is `owned`."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"} or not host:
            raise SimulationError(f"{url!r} is not an address like http://127.0.0.1:8000.")
        if not (owned or is_loopback(host)):
            raise SimulationError(
                f"{host} is not this machine: the simulation sends its traffic to 127.0.0.0/8, localhost or ::1 only. "
                "Add --i-own-this-server if it is yours to load."
            )
        return cls(f"{parts.scheme}://{parts.netloc}", is_loopback(host) and ":" not in host and has_loopback_range())

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1)

    def source_address(self, client: int) -> str | None:
        """The loopback address that client number `client` comes from, as if each sat somewhere else."""
        if not self.many_addresses:
            return None
        block, last = divmod(client, 250)
        return f"127.{64 + block // 250 % 128}.{block % 250}.{last + 1}"


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def has_loopback_range() -> bool:
    """Whether this system lets a client bind to any address of 127.0.0.0/8: Linux does, macOS does not."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.64.0.1", 0))
        except OSError:
            return False
    return True
