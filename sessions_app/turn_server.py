"""The TURN server as the desk sees it: the database it reads its secrets from, and the port it answers on."""

import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from sessions_app import stun

PATIENCE = 2.0  # seconds for an answer
ASK_AGAIN = 0.5  # seconds until a packet that may be lost is sent again
BUSY = 5.0  # seconds to wait for the server's database
DEFAULT_PORT = 3478
UDP_ADDRESS = re.compile(r"turn:(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:?]+))(?::(?P<port>\d+))?(?:\?transport=udp)?", re.I)
STALE_NONCE = 438
FULL = {486, 508}  # refused for want of room, which is said only to whom the credentials have let in


class TurnServerError(Exception):
    """The TURN server, or its database, does not do as asked. Never tells a secret."""


class Server(Protocol):
    """Both of the first may be asked again for what is done already."""

    def learn(self, secret: str) -> None: ...
    def forget(self, secret: str) -> None: ...
    def probe(self, who: stun.Credentials) -> None: ...


class Nobody:
    """No server that the desk can tell: somebody else does, and the overlap of the secrets is what holds."""

    def learn(self, secret: str) -> None:
        pass

    def forget(self, secret: str) -> None:
        pass

    def probe(self, who: stun.Credentials) -> None:
        pass


@dataclass(frozen=True)
class Coturn:
    """coturn with `use-auth-secret` and `userdb`, a SQLite file whose table turn_secret it reads at each login."""

    userdb: Path
    realm: str
    address: tuple[str, int] | None  # None: not reachable by UDP, and not probed

    def learn(self, secret: str) -> None:
        self.write("INSERT OR IGNORE INTO turn_secret (realm, value) VALUES (?, ?)", secret)

    def forget(self, secret: str) -> None:
        self.write("DELETE FROM turn_secret WHERE realm = ? AND value = ?", secret)

    def probe(self, who: stun.Credentials) -> None:
        if self.address:
            probe(self.address, who)

    def write(self, statement: str, secret: str) -> None:
        """Raises TurnServerError when the file is missing, cannot be written, or is no userdb."""
        try:
            # A missing file is an error: SQLite would make an empty one that no server reads.
            connection = sqlite3.connect(f"{self.userdb.absolute().as_uri()}?mode=rw", timeout=BUSY, uri=True)
            try:
                with connection:
                    connection.execute(statement, (self.realm, secret))
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise TurnServerError(f"The TURN server's database TURN_USERDB cannot be written: {error}.") from error


def configured() -> Server:
    if not settings.TURN_USERDB:
        return Nobody()
    return Coturn(Path(settings.TURN_USERDB), settings.TURN_REALM, first_udp(settings.TURN_URLS))


def describe() -> str:
    """In a sentence, what rotations work with."""
    if not settings.TURN_USERDB:
        return "no server to tell (TURN_USERDB is not set)."
    address = first_udp(settings.TURN_URLS)
    probed = f"tried out at {address[0]}:{address[1]}" if address else "not tried out: no turn: address by UDP"
    return f"the server reads {settings.TURN_USERDB}, realm {settings.TURN_REALM}; {probed}."


def first_udp(urls: list[str]) -> tuple[str, int] | None:
    """Host and port of the first address that speaks TURN over plain UDP."""
    for url in urls:
        if found := UDP_ADDRESS.fullmatch(url):
            return found["v6"] or found["host"], int(found["port"] or DEFAULT_PORT)
    return None


def probe(address: tuple[str, int], who: stun.Credentials) -> None:
    """Get a relay with these credentials and give it back. Raises TurnServerError when that is refused."""
    with udp(address) as line:
        challenge = ask(line, stun.allocate(stun.new_transaction())).challenge
        answer = ask(line, stun.allocate(stun.new_transaction(), who, challenge))
        if answer.error == STALE_NONCE:
            challenge = answer.challenge
            answer = ask(line, stun.allocate(stun.new_transaction(), who, challenge))
        if answer.error in FULL:
            return
        if answer.error or answer.kind != stun.ALLOCATE + stun.SUCCESS:
            raise TurnServerError(f"The TURN server refuses the credentials ({answer.error or 'not TURN'}).")
        if not stun.is_signed(answer, stun.key_of(who, challenge.realm)):
            raise TurnServerError("The TURN server's answer is not signed with the secret.")
        # No answer is awaited: a relay that is not given back ends by itself.
        line.send(stun.refresh(stun.new_transaction(), who, challenge, 0))


@contextmanager
def udp(address: tuple[str, int]) -> Iterator[socket.socket]:
    """A socket that talks to one server only; what goes wrong on it is a TurnServerError."""
    try:
        family, kind, protocol, _name, where = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as line:
            line.connect(where)
            yield line
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror
        raise TurnServerError(f"The TURN server cannot be asked: {reason}.") from error


def ask(line: socket.socket, request: bytes) -> stun.Message:
    """The answer to `request`, sent again while none comes. Raises TimeoutError after PATIENCE."""
    transaction = stun.parse(request).transaction
    deadline = time.monotonic() + PATIENCE
    again = 0.0
    while (now := time.monotonic()) < deadline:
        if now >= again:
            line.send(request)
            again = now + ASK_AGAIN
        line.settimeout(max(0.001, min(again, deadline) - now))
        try:
            answer = stun.parse(line.recv(2048))
        except (TimeoutError, stun.Malformed):
            continue
        if answer.transaction == transaction:
            return answer
    raise TimeoutError
