"""As much of STUN and TURN (RFC 8489, RFC 8656) as it takes to ask a server whether it accepts credentials. No I/O."""

import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

COOKIE = 0x2112A442
HEADER = struct.Struct("!HHI12s")
ALLOCATE, REFRESH = 0x003, 0x004
SUCCESS, ERROR = 0x100, 0x110  # added to the method's number, they make the type of its answer
USERNAME, INTEGRITY, ERROR_CODE, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000D
REALM, NONCE, REQUESTED_TRANSPORT = 0x0014, 0x0015, 0x0019
UDP = bytes([17, 0, 0, 0])
INTEGRITY_LENGTH = 4 + 20

Attributes = list[tuple[int, bytes]]


class Malformed(ValueError):
    """Not a STUN message."""


@dataclass(frozen=True)
class Credentials:
    username: str
    password: str


@dataclass(frozen=True)
class Challenge:
    """What the server asks to be answered with: the realm and nonce of its 401 or 438."""

    realm: bytes
    nonce: bytes


@dataclass(frozen=True)
class Message:
    kind: int
    transaction: bytes
    attributes: dict[int, bytes]  # the first of each type, as the RFC wants it
    raw: bytes

    @property
    def error(self) -> int:
        """The error's number such as 401; 0 when there is none."""
        value = self.attributes.get(ERROR_CODE, b"")
        return (value[2] & 7) * 100 + value[3] if len(value) >= 4 else 0

    @property
    def challenge(self) -> Challenge:
        return Challenge(self.attributes.get(REALM, b""), self.attributes.get(NONCE, b""))


def new_transaction() -> bytes:
    return secrets.token_bytes(12)


def key_of(who: Credentials, realm: bytes) -> bytes:
    """The key of long-term credentials. MD5 is the protocol's choice."""
    plain = b":".join([who.username.encode(), realm, who.password.encode()])
    return hashlib.md5(plain, usedforsecurity=False).digest()


def allocate(transaction: bytes, who: Credentials | None = None, challenge: Challenge | None = None) -> bytes:
    """A request for a relay: without credentials it brings the challenge, with them the answer."""
    return request(ALLOCATE, transaction, [(REQUESTED_TRANSPORT, UDP)], who, challenge)


def refresh(transaction: bytes, who: Credentials, challenge: Challenge, lifetime: int) -> bytes:
    """Keeps the socket's relay for `lifetime` seconds; 0 gives it back."""
    return request(REFRESH, transaction, [(LIFETIME, struct.pack("!I", lifetime))], who, challenge)


def request(
    kind: int, transaction: bytes, attributes: Attributes, who: Credentials | None, challenge: Challenge | None
) -> bytes:
    if not who or not challenge:
        return message(kind, transaction, attributes)
    proof = [(USERNAME, who.username.encode()), (NONCE, challenge.nonce), (REALM, challenge.realm)]
    return signed(message(kind, transaction, [*attributes, *proof]), key_of(who, challenge.realm))


def message(kind: int, transaction: bytes, attributes: Attributes) -> bytes:
    body = b"".join(encoded(number, value) for number, value in attributes)
    return HEADER.pack(kind, len(body), COOKIE, transaction) + body


def encoded(number: int, value: bytes) -> bytes:
    return struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)


def signed(unsigned: bytes, key: bytes) -> bytes:
    """With MESSAGE-INTEGRITY, which covers a header whose length already counts it."""
    covered = with_length(unsigned, len(unsigned) - HEADER.size + INTEGRITY_LENGTH)
    return covered + encoded(INTEGRITY, hmac.new(key, covered, hashlib.sha1).digest())


def with_length(raw: bytes, length: int) -> bytes:
    return raw[:2] + struct.pack("!H", length) + raw[4:]


def is_signed(answer: Message, key: bytes) -> bool:
    """Whether MESSAGE-INTEGRITY was made with `key`: only who knows the secret too can."""
    if INTEGRITY not in answer.attributes:
        return False
    at = HEADER.size
    while struct.unpack_from("!H", answer.raw, at)[0] != INTEGRITY:
        at += 4 + padded(struct.unpack_from("!H", answer.raw, at + 2)[0])
    expected = signed(answer.raw[:at], key)[at + 4 :]
    return hmac.compare_digest(expected, answer.attributes[INTEGRITY])


def parse(raw: bytes) -> Message:
    """Raises Malformed for anything that is no STUN message."""
    if len(raw) < HEADER.size:
        raise Malformed("too short")
    kind, length, cookie, transaction = HEADER.unpack_from(raw)
    if cookie != COOKIE or length != len(raw) - HEADER.size or length % 4:
        raise Malformed("no STUN header")
    attributes: dict[int, bytes] = {}
    at = HEADER.size
    while at < len(raw):
        number, size = struct.unpack_from("!HH", raw, at)
        if at + 4 + size > len(raw):
            raise Malformed("an attribute is longer than the message")
        attributes.setdefault(number, raw[at + 4 : at + 4 + size])
        at += 4 + padded(size)
    return Message(kind, transaction, attributes, raw)


def padded(length: int) -> int:
    return length + -length % 4
