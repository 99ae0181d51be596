"""More and more customers until a bar breaks: on SQLite, and on PostgreSQL and Redis with 1, 2 and 4 web processes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from tests.load.place import Place, place
from tests.load.rounds import MEASURED_S, Round, opened, ride
from tests.load.tally import Tally

PLACES = (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2), ("PostgreSQL", 4))
RATES = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200)  # customers a second
SETTLE_S = 3.0


@dataclass(frozen=True)
class Curve:
    """The rounds of one place, the last one broken; `grown` is by how many bytes a customer its databases grew."""

    database: str
    processes: int
    rounds: list[Round]
    grown: dict[str, float]
    customers: int
    stored: dict[str, int]

    @property
    def name(self) -> str:
        return f"{self.database}, {self.processes} web process{'es' if self.processes > 1 else ''}"

    @property
    def best(self) -> Round | None:
        """The last one in which all bars held."""
        return next((one for one in reversed(self.rounds) if not one.broken), None)


def run(tell: Callable[[str], object], places: Sequence[tuple[str, int]] = PLACES) -> list[Curve]:
    """`tell` hears of every round as it is over."""
    curves = []
    for database, processes in places:
        with place(database, processes) as there:
            curves.append(asyncio.run(climb(there, tell)))
    return curves


async def climb(
    there: Place, tell: Callable[[str], object], rates: Sequence[float] = RATES, measured_s: float = MEASURED_S
) -> Curve:
    tally, numbers, rounds = Tally(), count(1), list[Round]()
    before = there.sizes()
    async with opened(there, tally) as desk:
        for rate in rates:
            rounds.append(await ride(there, desk, rate, numbers, measured_s))
            tell(f"{there.database}, {there.processes} web: {told(rounds[-1])}")
            if rounds[-1].broken:
                break
    await asyncio.sleep(SETTLE_S)  # telemetry is written a second later
    grown = {what: (size - before[what]) / tally.joined for what, size in there.sizes().items()}
    return Curve(there.database, there.processes, rounds, grown, tally.joined, there.stored())


def told(found: Round) -> str:
    return (
        f"{found.offered:.0f}/s offered, {found.joins:.0f} joins/s, {found.claims:.0f} claims/s, "
        f"p95 join {found.join_ms:.0f}, claim {found.claim_ms:.0f}, push {found.push_ms:.0f} ms, "
        f"web {found.web_ms:.1f} ms a customer, load {found.usage.load:.0%} of a core, others {found.usage.others:.0%}"
        f"{f': {found.broken}' if found.broken else ''}{f' {dict(found.errors)}' if found.errors else ''}"
    )
