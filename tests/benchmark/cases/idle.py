"""What customers who only wait cost the web server, by sockets that beat every five seconds."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from tests.benchmark import processor
from tests.benchmark.place import of, place
from tests.benchmark.result import Row
from tests.server import Server

CUSTOMERS, SETTLE_S, IDLE_S, BEAT_S = 500, 10, 20, 5


def run() -> list[Row]:
    settings = {
        "LOG_LEVEL": "WARNING",
        "DESK_SOCKETS_PER_ADDRESS": str(2 * CUSTOMERS),
        "DESK_QUEUE_MOST": str(2 * CUSTOMERS),
    }
    with place(**settings) as server, of(server, "visits") as desk:
        server.start("serve")
        asyncio.run(wait(server, desk.ask("join", 1)))  # all that the first one loads
        before = resident_mb(server)
        share, after, told = asyncio.run(wait(server, desk.ask("join", CUSTOMERS)))
    return [
        Row(
            f"memory of a web process for {CUSTOMERS} idle customers' sockets",
            f"+{after - before:.0f} MB",
            f"{before:.0f} MB",
            bar="under 100 MB",
            met=after - before < 100 and told == CUSTOMERS,
            note=f"{(after - before) * 1024 / CUSTOMERS:.0f} KB each; {told} were told their place",
        ),
        Row(
            f"its processor time for {CUSTOMERS} idle customers' sockets",
            f"{share:.1%} of a core",
            bar="under 5 % of a core",
            met=share < 0.05 and told == CUSTOMERS,
            note=f"over {IDLE_S} s, with {CUSTOMERS // BEAT_S} heartbeats answered a second",
        ),
    ]


async def wait(server: Server, tokens: Sequence[str]) -> tuple[float, float, int]:
    """The server's share of a core, its memory in MB, and how many were told a place and are still connected."""
    address = f"ws://127.0.0.1:{server.port}/ws/visit/"
    sockets: list[ClientConnection] = []
    for token in tokens:  # not all in the same instant, and so they do not beat in the same instant either
        sockets.append(await connect(address, origin=server.url, compression=None))
        await sockets[-1].send(json.dumps({"type": "hello", "token": token}))
        await asyncio.sleep(BEAT_S / len(tokens))
    told: set[int] = set()
    tasks = [asyncio.create_task(hear(n, socket, told)) for n, socket in enumerate(sockets)]
    tasks += [asyncio.create_task(beat(socket)) for socket in sockets]
    await asyncio.sleep(SETTLE_S)
    pid = server.running["serve"].pid
    used, began = processor.seconds(pid), time.perf_counter()
    await asyncio.sleep(IDLE_S if len(tokens) > 1 else 0)
    share = (processor.seconds(pid) - used) / (time.perf_counter() - began)
    here = len(told) if all(socket.close_code is None for socket in sockets) else 0
    memory = resident_mb(server)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*(socket.close() for socket in sockets))
    return share, memory, here


async def hear(n: int, socket: ClientConnection, told: set[int]) -> None:
    async for text in socket:
        if json.loads(text)["type"] == "state":
            told.add(n)


async def beat(socket: ClientConnection) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        await socket.send('{"type": "heartbeat"}')


def resident_mb(server: Server) -> float:
    status = Path(f"/proc/{server.running['serve'].pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
