"""A real coturn on loopback that reads its secrets from a database of its own, and a client that keeps a relay."""

import shutil
import socket
import sqlite3
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sessions_app import stun, turn_server
from tests.server import ROOT, free_port

SCHEMA = Path("/usr/share/coturn/schema.sql")
REALM = "adminara"
CREATE_PERMISSION, SEND = 0x008, 0x016  # RFC 8656
PEER, DATA, RELAYED = 0x0012, 0x0013, 0x0016

needs_coturn = pytest.mark.skipif(
    shutil.which("turnserver") is None or not SCHEMA.is_file(), reason="coturn is not installed (Debian's package)"
)


@dataclass
class Relay:
    port: int
    userdb: Path
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def secrets(self) -> set[str]:
        with closing(sqlite3.connect(self.userdb)) as database:
            return {value for (value,) in database.execute("SELECT value FROM turn_secret WHERE realm = ?", [REALM])}


@contextmanager
def coturn(folder: Path) -> Iterator[Relay]:
    """With the repository's own configuration, but for what names places of the machine."""
    relay = Relay(free_port(), folder / "turndb", folder / "coturn.log")
    with closing(sqlite3.connect(relay.userdb)) as database:
        database.executescript(SCHEMA.read_text())
    configuration = folder / "turnserver.conf"
    configuration.write_text(
        f"{(ROOT / 'deploy/coturn/turnserver.conf').read_text()}\n"
        f"listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nallow-loopback-peers\nverbose\n"
        f"listening-port={relay.port}\nuserdb={relay.userdb}\npidfile={folder / 'pid'}\n"
    )
    with relay.log.open("w") as log:
        process = subprocess.Popen(["turnserver", "-c", str(configuration)], cwd=folder, stdout=log, stderr=log)
        try:
            wait_for(relay, process)
            yield relay
        finally:
            process.terminate()
            process.wait(10)


def wait_for(relay: Relay, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with turn_server.udp(relay.address) as line:
                turn_server.ask(line, stun.allocate(stun.new_transaction()))
        except turn_server.TurnServerError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"coturn did not start: {relay.log.read_text()}")


class Allocation:
    """A relay in use, as a browser has one: refreshed, and with data flowing to a peer."""

    def __init__(self, line: socket.socket, who: stun.Credentials, challenge: stun.Challenge) -> None:
        self.line, self.who, self.challenge = line, who, challenge

    def refresh(self) -> int:
        """The error, or 0."""
        answer = self.ask(stun.REFRESH, [(stun.LIFETIME, struct.pack("!I", 600))])
        if answer.error == turn_server.STALE_NONCE:
            self.challenge = answer.challenge
            return self.refresh()
        return answer.error

    def ask(self, kind: int, attributes: stun.Attributes) -> stun.Message:
        request = stun.request(kind, stun.new_transaction(), attributes, self.who, self.challenge)
        return turn_server.ask(self.line, request)

    def carries(self, data: bytes) -> bool:
        """Whether a peer on loopback receives `data` through the relay."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(2)
            there = mixed(peer.getsockname())
            assert self.ask(CREATE_PERMISSION, [(PEER, there)]).error == 0
            self.line.send(stun.message(SEND, stun.new_transaction(), [(PEER, there), (DATA, data)]))
            return peer.recv(100) == data


def mixed(address: tuple[str, int]) -> bytes:
    """XOR-PEER-ADDRESS of an IPv4 address."""
    (host,) = struct.unpack("!I", socket.inet_aton(address[0]))
    return struct.pack("!BBHI", 0, 1, address[1] ^ (stun.COOKIE >> 16), host ^ stun.COOKIE)


@contextmanager
def allocated(relay: Relay, who: stun.Credentials) -> Iterator[Allocation]:
    with turn_server.udp(relay.address) as line:
        challenge = turn_server.ask(line, stun.allocate(stun.new_transaction())).challenge
        answer = turn_server.ask(line, stun.allocate(stun.new_transaction(), who, challenge))
        assert answer.error == 0
        assert RELAYED in answer.attributes
        yield Allocation(line, who, challenge)
