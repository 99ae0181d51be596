"""One round: customers arrive at a rate, each by chance within their share of time, and staff take them."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count

from tests.load.people import Customer, Desk, Staff
from tests.load.place import Place
from tests.load.tally import Tally
from tests.load.usage import Usage

WARM_S, MEASURED_S, DRAIN_S = 2.0, 8.0, 15.0
CONSOLES = 1  # that are open; each process with one looks at the whole desk whenever it changes
MOST_AT_ONCE = 3_000  # customers who are there: beyond, nobody else comes
PUSH_MS = 250
KEEPS_UP = 0.9  # of what is offered; less is not told from chance in so short a round


@dataclass(frozen=True)
class Round:
    """What was found at a rate. `offered` (who came), `joins` and `claims` are per second, times in milliseconds: 95 of
    100 took no longer.
    """

    rate: float
    offered: float
    joins: float
    claims: float
    join_ms: float
    claim_ms: float
    end_ms: float
    push_ms: float
    press_ms: float
    pushes: int
    open_sockets: int
    errors: Counter[str]
    left_over: int
    usage: Usage

    @property
    def web_ms(self) -> float:
        """Of a processor that the web processes spent on each customer."""
        return sum(one.share for one in self.usage.used["serve"]) / self.joins * 1e3 if self.joins else 0.0

    @property
    def broken(self) -> str:
        """Which bar broke; empty while all hold."""
        if self.errors:
            return f"{self.errors.total()} errors"
        if self.left_over:
            return f"{self.left_over} left over"
        if min(self.joins, self.claims) < KEEPS_UP * self.offered:
            return "does not keep up"
        return f"push over {PUSH_MS} ms" if self.push_ms > PUSH_MS else ""


@asynccontextmanager
async def opened(place: Place, tally: Tally, talk_s: float = 0.5) -> AsyncIterator[Desk]:
    """The desk with all its staff at work, until the end of the context."""
    desk = Desk(place.server.port, tally, talk_s)
    staff = [Staff(desk, number, login) for number, login in enumerate(place.logins)]
    tasks = [asyncio.create_task(one.work()) for one in staff]
    tasks += [asyncio.create_task(desk.beat()), *(asyncio.create_task(one.watch()) for one in staff[:CONSOLES])]
    try:
        yield desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for one in staff:
            one.leave()
        await asyncio.sleep(0.1)  # until connections are closed


async def ride(place: Place, desk: Desk, rate: float, numbers: Iterator[int], measured_s: float) -> Round:
    tally, here = desk.tally, set[asyncio.Task[None]]()
    tally.errors.clear()
    arriving = asyncio.create_task(arrive(desk, rate, numbers, here))
    await asyncio.sleep(WARM_S)
    tally.begin()
    place.watch.begin()
    await asyncio.sleep(measured_s)
    usage = place.watch.end()
    tally.measuring, open_sockets = False, tally.here
    arriving.cancel()
    with suppress(asyncio.CancelledError):
        await arriving
    left_over = await drained(here)
    return Round(
        rate=rate,
        offered=tally.count("offer") / measured_s,
        joins=tally.count("join") / measured_s,
        claims=tally.count("claim") / measured_s,
        join_ms=tally.at("join"),
        claim_ms=tally.at("claim"),
        end_ms=tally.at("end"),
        push_ms=tally.at("push"),
        press_ms=tally.at("press to page"),
        pushes=tally.count("push"),
        open_sockets=open_sockets,
        errors=Counter(tally.errors),
        left_over=left_over,
        usage=usage,
    )


async def arrive(desk: Desk, rate: float, numbers: Iterator[int], here: set[asyncio.Task[None]]) -> None:
    """Until it is cancelled. Whoever is late for a busy machine comes at once, so that the rate is kept."""
    chance, clock = random.Random(rate), asyncio.get_running_loop().time
    began = clock()
    for number in count():
        await asyncio.sleep(max(0.0, began + (number + chance.random()) / rate - clock()))
        desk.tally.took("offer", 0.0)
        if len(here) < MOST_AT_ONCE:
            task = asyncio.create_task(Customer(desk, next(numbers)).live())
            here.add(task)
            task.add_done_callback(here.discard)


async def drained(here: set[asyncio.Task[None]]) -> int:
    """Wait until everybody has gone; how many had to be sent away."""
    if here:
        await asyncio.wait(set(here), timeout=DRAIN_S)
    left = list(here)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return len(left)
