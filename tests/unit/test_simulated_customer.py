"""A simulated customer hears what the server said before it hung up, whatever they were about to say themselves."""

import json

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from sessions_app.close_codes import CloseCode
from sessions_app.simulation.customer import Customer
from sessions_app.simulation.plan import Visit
from sessions_app.simulation.tally import Tally

STATE = {"type": "state"}


@pytest.fixture
def visit():
    return Visit(0, "Cy", "", "en", patience_s=60, setup_ms=200, reloads_s=None, vanishes_s=None)


async def test_staff_who_end_while_the_customer_still_connects_have_ended_it(visit):
    async def desk(socket):
        await socket.send(json.dumps(STATE | {"state": "connecting"}))
        await socket.send(json.dumps(STATE | {"state": "ended"}))
        await socket.close(CloseCode.OVER, "This session is over.")

    customer = Customer(visit, browser=None, tally=Tally(), speed=1)
    customer._next_beat = float("inf")
    async with serve(desk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as socket:
            assert await customer._follow(socket, page=None) == "unanswered"
