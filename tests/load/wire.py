"""HTTP and WebSockets with as little of a processor as Python can: the load must not be what is measured."""

import asyncio
import json
import re
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

PATIENCE_S = 30
KEPT_S = 3  # less than the web server keeps an idle connection: one that it is about to close is not used again
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: bG9hZCBnZW5lcmF0b3IhIQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
)
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
COMPRESSED, FINAL = 0x40, 0x80
TAIL = b"\x00\x00\xff\xff"  # which the sender of compressed text leaves out


class Lost(Exception):
    """The server said nothing, or something that no browser could go on with."""


@dataclass(frozen=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        found = re.search(rb"\r\n%b: *([^\r]*)" % name.encode(), self.head, re.I)
        return found[1].decode() if found else ""

    def find(self, pattern: bytes) -> str:
        if (found := re.search(pattern, self.body)) is None:
            raise Lost(f"there is no {pattern.decode()} in an answer with {self.status}")
        return found[1].decode()


class Line:
    """One client's connection, from an address of its own; opened when something is to be said."""

    def __init__(self, port: int, address: str) -> None:
        self._port, self._address = port, address
        self._common = f"Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n".encode()
        self._writer: asyncio.StreamWriter | None = None
        self._used_at = 0.0

    async def request(self, method: str, path: str, fields: str = "", headers: str = "") -> Answer:
        """Raises Lost. `headers` end in CR LF each."""
        body = fields.encode()
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if fields else ""
        if method == "POST" and not fields:
            form = "Content-Length: 0\r\n"
        said = f"{method} {path} HTTP/1.1\r\n".encode() + self._common + f"{headers}{form}\r\n".encode() + body
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._open()
                assert self._writer
                self._writer.write(said)
                head = await self._reader.readuntil(b"\r\n\r\n")
                length = LENGTH.search(head)
                answer = Answer(int(head[9:12]), head, await self._reader.readexactly(int(length[1]) if length else 0))
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Lost(f"{method} {without_secrets(path)}: {type(error).__name__}") from error
        self._used_at = asyncio.get_running_loop().time()
        return answer

    async def upgrade(self, path: str, headers: str = "") -> "Socket":
        """A WebSocket, compressed as browsers ask for. Raises Lost."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await self._connect()
                writer.write(f"GET {path} HTTP/1.1\r\n".encode() + self._common + headers.encode() + UPGRADE + b"\r\n")
                head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, TimeoutError, EOFError) as error:
            raise Lost(f"a socket to {path}: {type(error).__name__}") from error
        if not head.startswith(b"HTTP/1.1 101"):
            raise Lost(f"a socket to {path}: {head[9:12].decode()}")
        return Socket(reader, writer)

    def close(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None

    async def _open(self) -> None:
        if self._writer and asyncio.get_running_loop().time() - self._used_at > KEPT_S:
            self.close()
        if self._writer is None:
            self._reader, self._writer = await self._connect()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port, limit=2**20, local_addr=(self._address, 0))


class Socket:
    """A WebSocket; what it says is JSON."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self.closed_with = 0

    def say(self, message: Mapping[str, Any]) -> None:
        self._send(TEXT, json.dumps(message).encode())

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        async for text in self.texts():
            yield json.loads(text)

    async def texts(self) -> AsyncIterator[bytes]:
        """What is said until the other side hangs up: `closed_with` tells the code then."""
        while True:
            try:
                kind, text = await self._frame()
            except (OSError, EOFError):
                return
            if kind == TEXT:
                yield text
            elif kind == PING:
                self._send(PONG, text)
            elif kind == CLOSE:
                self.closed_with = int.from_bytes(text[:2])
                self._send(CLOSE, text[:2])
                return

    def close(self) -> None:
        self._writer.close()

    async def _frame(self) -> tuple[int, bytes]:
        first, length = await self._reader.readexactly(2)
        if length >= 126:
            length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8))
        text = await self._reader.readexactly(length)
        if first & COMPRESSED:
            text = self._inflate.decompress(text + TAIL)
        return first & 0x0F, text

    def _send(self, kind: int, text: bytes) -> None:
        """Masked with zeros, which leaves it as it is. None of ours is 64 KB long."""
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        self._writer.write(bytes([FINAL | kind]) + size + bytes(4) + text)


def without_secrets(path: str) -> str:
    """A customer's link is one."""
    return re.sub(r"^/s/[^/]+", "/s/...", path)
