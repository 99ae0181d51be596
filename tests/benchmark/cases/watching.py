"""What open overviews cost the web server, beside a bare Channels group that tells everybody 4 KB a second.

The sockets are a browser's: they ask for compression, and each takes what it is told.
"""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.benchmark import processor
from tests.benchmark.child import ROOT
from tests.benchmark.place import of, place
from tests.benchmark.result import Row
from tests.server import Server, free_port
from tests.web import browser, log_in

MANY, WAITING, MEASURES = 200, 10, 200_000
SETTLE_S, WATCH_S = 5, 30
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Watched:
    """The server's share of a core while watched; how often the least and the most told of the sockets was told."""

    share: float
    least: int
    most: int
    bytes_a_second: float


def run() -> list[Row]:
    settings = {
        "LOG_LEVEL": "WARNING",
        "DESK_SOCKETS_PER_ADDRESS": str(2 * MANY),
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    with place(**settings) as server, of(server, "history") as past, of(server, "visits") as desk:
        past.ask("make", MEASURES)
        desk.ask("join", WAITING)
        server.manage("createsuperuser", "--noinput", "--username=ana", "--email=")
        server.start("serve")
        cookie, address = logged_in(server), f"ws://127.0.0.1:{server.port}/ws/panel/?language=en"
        pid = server.running["serve"].pid
        idle, one, many = (
            asyncio.run(watch(pid, address, number, origin=server.url, additional_headers=cookie))
            for number in (0, 1, MANY)
        )
    with fanout() as (pid, address):
        bare = asyncio.run(watch(pid, address, MANY))
    told = f"each told {many.least} to {many.most} times in {WATCH_S} s, {many.bytes_a_second / 1000:.1f} KB a second"
    return [
        Row(
            f"processor time of a web process for {MANY} open overviews",
            f"{many.share:.1%} of a core",
            f"{bare.share:.1%} for a bare fan-out of 4 KB a second",
            f"{many.share / bare.share:.1f}" if bare.share else "",
            bar="under 5 % of a core, the same readings as for one",
            met=many.share < 0.05 and many.most - one.most <= 1 and many.most - many.least <= 1,
            note=told,
        ),
        Row(
            "the same for one open overview",
            f"{one.share:.1%} of a core",
            f"{idle.share:.1%} for none",
            note=f"told {one.most} times in {WATCH_S} s; what {MANY - 1} more cost is their sockets",
        ),
    ]


def logged_in(server: Server) -> dict[str, str]:
    with browser(server) as client:
        log_in(client, "ana", PASSWORD)
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


@contextmanager
def fanout() -> Iterator[tuple[int, str]]:
    """The process and the address of a server that tells everybody the same, and does nothing else."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.benchmark.inside.fanout:application", f"--port={port}"]
    server = subprocess.Popen([*command, "--log-level=warning", "--lifespan=off"], cwd=ROOT)
    try:
        wait_until_it_listens(port)
        yield server.pid, f"ws://127.0.0.1:{port}/ws/panel/"
    finally:
        server.terminate()
        server.wait(10)


def wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError("The bare server did not come up.")


async def watch(pid: int, address: str, number: int, **options: Any) -> Watched:
    """Opens so many sockets, and tells what the process took once all of them had their first page."""
    sockets = [await connect(address, **options) for _ in range(number)]
    told, size = [0] * number, [0]
    tasks = [asyncio.create_task(hear(n, one, told, size)) for n, one in enumerate(sockets)]
    await asyncio.sleep(SETTLE_S)
    before, bytes_before, used, began = list(told), size[0], processor.seconds(pid), time.perf_counter()
    await asyncio.sleep(WATCH_S)
    passed = time.perf_counter() - began
    share = (processor.seconds(pid) - used) / passed
    heard = [now - then for now, then in zip(told, before, strict=True)]
    assert all(one.close_code is None for one in sockets)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*(one.close() for one in sockets))
    rate = (size[0] - bytes_before) / passed / number if number else 0.0
    return Watched(share, min(heard, default=0), max(heard, default=0), rate)


async def hear(n: int, one: ClientConnection, told: list[int], size: list[int]) -> None:
    async for text in one:
        told[n] += 1
        size[0] += len(text)
