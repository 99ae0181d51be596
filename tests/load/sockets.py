"""Two thousand customers who wait with their page open: memory, processor, and how soon all of them hear news."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.benchmark.place import of
from tests.load.people import Customer, Desk, Staff
from tests.load.place import Place, place
from tests.load.rounds import PUSH_MS
from tests.load.tally import Tally
from tests.load.usage import Used
from tests.load.wire import Lost

SOCKETS, MOST_MB = 2_000, 300
A_SECOND = 40  # pages that are opened
SETTLE_S, OPEN_S, IDLE_S, CLAIMS = 5.0, 60.0, 10.0, 15


@dataclass(frozen=True)
class Sockets:
    """`before` is the web process with nobody there, `idle` with all who wait, `moving` while some are claimed."""

    pages: int
    before: Used
    idle: Used
    moving: Used
    others: float
    push_ms: float
    place_ms: tuple[float, float]
    """Half of the other pages, and 95 of 100, were told their new place within these."""
    told: int
    errors: int
    lost: Counter[str]

    @property
    def met(self) -> bool:
        return not self.errors and max(self.idle.mb, self.moving.mb) < MOST_MB and self.push_ms < PUSH_MS


def run(tell: Callable[[str], object], pages: int = SOCKETS, claims: int = CLAIMS) -> Sockets:
    # They join faster than their pages can be opened: nobody is gone meanwhile.
    with place("PostgreSQL", staff=1, DESK_SOCKETS=str(2 * pages), DESK_GONE_AFTER="3600") as there:
        with of(there.server, "visits") as desk:
            tokens = desk.ask("join", pages)
        tell(f"{pages} customers wait")
        found = asyncio.run(hold(there, tokens, claims))
    tell(
        f"{found.pages} pages: {found.idle.mb:.0f} MB, {found.idle.share:.0%} of a core, "
        f"push p95 {found.push_ms:.0f} ms, "
        f"places {found.place_ms[1]:.0f} ms, others {found.others:.0%}: {found.errors} errors {dict(found.lost)}"
    )
    return found


async def hold(there: Place, tokens: list[str], claims: int) -> Sockets:
    tally, watch = Tally(), there.watch
    desk = Desk(there.server.port, tally, talk_s=0)
    watch.begin()
    await asyncio.sleep(1)
    before = watch.end().used["serve"][0]
    beating, pages = asyncio.create_task(desk.beat()), await opened(desk, tokens)
    here = tally.here
    watch.begin()
    await asyncio.sleep(IDLE_S)
    idle = watch.end()
    tally.begin()
    watch.begin()
    staff = Staff(desk, 0, there.logins[0])
    for _ in range(claims):
        with suppress(Lost):
            await staff.serve()
        await asyncio.sleep(1)
    moving = watch.end()
    beating.cancel()
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, beating, return_exceptions=True)
    return Sockets(
        pages=here,
        before=before,
        idle=idle.used["serve"][0],
        moving=moving.used["serve"][0],
        others=max(idle.others, moving.others),
        push_ms=tally.at("push"),
        place_ms=(tally.at("place", 0.5), tally.at("place")),
        told=tally.count("place"),
        errors=tally.errors.total() + len(tokens) - here + claims - tally.count("push"),
        lost=Counter(tally.errors),
    )


async def opened(desk: Desk, tokens: list[str]) -> list[asyncio.Task[None]]:
    """Not all in the same instant, and so they do not beat in the same instant either; until all were told a place."""
    customers = [Customer(desk, number) for number in range(len(tokens))]
    pages, clock = [], asyncio.get_running_loop().time
    for customer, token in zip(customers, tokens, strict=True):
        pages.append(asyncio.create_task(wait(desk, customer, token)))
        await asyncio.sleep(1 / A_SECOND)
    late = clock() + OPEN_S
    while clock() < late and not all(customer.state for customer in customers):
        await asyncio.sleep(0.5)
    await asyncio.sleep(SETTLE_S)
    return pages


async def wait(desk: Desk, customer: Customer, token: str) -> None:
    try:
        await customer.stay(token)
    except Lost as lost:
        desk.tally.errors[str(lost)] += 1
