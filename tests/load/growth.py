"""What one customer and one page cost after a month of a thousand customers a day, and after a month of many.

Both installations are asked in turns, one thing at a time, so that what else the machine does is felt by both.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from tests.load import past
from tests.load.people import Customer, Desk, Staff
from tests.load.place import Place, place
from tests.load.tally import Tally

FEW = 1_000  # customers a day
MANY = {"SQLite": 10_000, "PostgreSQL": 100_000}
LIVES, LOOKS, WARM = 80, 20, 5
MOST = 1.3  # times as long
PAGES = {"desk": "/admin/desk/", "board": "/admin/desk/board/", "overview": "/admin/"}
STEPS = ("join", "claim", "end", *PAGES)


@dataclass(frozen=True)
class Step:
    """Milliseconds with few and with many, half of all and 95 of 100 within them."""

    what: str
    half: tuple[float, float]
    most: tuple[float, float]

    @property
    def ratio(self) -> float:
        return self.half[1] / self.half[0]

    @property
    def met(self) -> bool:
        return self.ratio <= MOST


@dataclass(frozen=True)
class Growth:
    database: str
    per_day: tuple[int, int]
    filled: tuple[dict[str, int], dict[str, int]]
    sizes: tuple[dict[str, int], dict[str, int]]
    """Bytes after the month, before anybody else came."""
    steps: list[Step]


def run(tell: Callable[[str], object], many_of: Mapping[str, int] = MANY) -> list[Growth]:
    few, found = FEW, list[Growth]()
    for database, many in many_of.items():
        with filled(database, few, tell) as small, filled(database, many, tell) as large:
            tallies = asyncio.run(compare(small[0], large[0]))
            sizes = small[0].sizes(), large[0].sizes()
        found.append(Growth(database, (few, many), (small[1], large[1]), sizes, steps(*tallies)))
        tell(f"{database}: " + ", ".join(f"{step.what} {step.ratio:.2f}" for step in found[-1].steps))
    return found


@contextmanager
def filled(database: str, per_day: int, tell: Callable[[str], object]) -> Iterator[tuple[Place, dict[str, int]]]:
    with place(database, staff=1, worker=False) as there:
        rows = json.loads(there.run("tests.load.past", str(per_day)))
        tell(f"{database}: {rows['sessions']:,} sessions of {past.DAYS} days made in {rows['seconds']} s")
        yield there, rows


async def compare(*places: Place) -> list[Tally]:
    desks = [Desk(there.server.port, Tally(), talk_s=0) for there in places]
    staff = [Staff(desk, 0, there.logins[0]) for desk, there in zip(desks, places, strict=True)]
    numbers = count(1)
    for turn in range(WARM + LIVES):
        for desk, one in zip(desks, staff, strict=True):
            if turn == WARM:
                desk.tally.begin()
            await life(Customer(desk, next(numbers)), one)
            if turn % (LIVES // LOOKS) == 0:
                for what, path in PAGES.items():
                    await one.look(path, what)
    return [desk.tally for desk in desks]


async def life(customer: Customer, staff: Staff) -> None:
    """Without a socket: the page, opened once more, answers the claim."""
    await customer.join()
    session = await staff.take()
    await customer.look()
    customer.leave()
    await staff.end(session)


def steps(few: Tally, many: Tally) -> list[Step]:
    return [Step(what, (few.at(what, 0.5), many.at(what, 0.5)), (few.at(what), many.at(what))) for what in STEPS]
