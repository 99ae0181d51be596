"""A whole day: staff come first, customers arrive by the plan, and it ends when everybody is served or gone."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from typing import NoReturn

from tqdm import tqdm

from sessions_app.simulation import plan
from sessions_app.simulation.browser import Browser
from sessions_app.simulation.customer import Customer
from sessions_app.simulation.errors import AnswerLostError, SimulationError, UnexpectedError
from sessions_app.simulation.staff import LOOK_S, Staff
from sessions_app.simulation.tally import Comparison, Tally, compare, still_open
from sessions_app.simulation.target import Target

CLOSING_S = 240  # the server notices who vanished after a minute, and looks for them once a minute


@dataclass(frozen=True)
class Day:
    """`speed` simulated seconds pass in a real one; `staff` maps user names to passwords.

    `targets` are servers of one desk: client number n goes to the n-th of them, round and round.
    """

    targets: Sequence[Target]
    customers: int
    staff: Mapping[str, str]
    speed: float
    seed: int

    def browser(self, client: int, tally: Tally, language: str = "en") -> Browser:
        return Browser(self.targets[client % len(self.targets)], client, tally, language)


async def simulate(day: Day, tally: Tally, *, show_progress: bool) -> list[Comparison]:
    """Live through the day, counting into `tally`. Raises SimulationError when it cannot begin or go on."""
    async with AsyncExitStack() as stack:
        try:
            staff = [await _begin(stack, day, number, tally) for number in range(len(day.staff))]
            before = await _counts(staff[0])
            over = asyncio.Event()
            progress = asyncio.create_task(_show(day.customers, tally, hidden=not show_progress))
            desk = asyncio.gather(*(member.work(over.is_set) for member in staff))
            after, _ = await asyncio.gather(_direct(day, tally, staff[0], over), desk)
            progress.cancel()
        except (UnexpectedError, AnswerLostError) as error:
            urls = " or ".join(target.url for target in day.targets)
            raise SimulationError(f"The server at {urls} is not what staff expect: {error}.") from error
    return compare(tally, before, after)


async def _begin(stack: AsyncExitStack, day: Day, number: int, tally: Tally) -> Staff:
    username, password = list(day.staff.items())[number]
    browser = await stack.enter_async_context(day.browser(number, tally))
    await browser.knock()
    member = Staff(plan.calls(Random(f"{day.seed} staff {number}")), browser, tally, day.speed)  # noqa: S311
    await member.log_in(username, password)
    return member


async def _direct(day: Day, tally: Tally, staff: Staff, over: asyncio.Event) -> dict[str, int]:
    """Send every customer in, wait for the last to go, then for the server to notice; returns its counts."""
    visits = plan.visits(day.customers, Random(day.seed))  # noqa: S311 -- it has to be the same day again
    first_client = len(day.staff)
    await asyncio.gather(*(_visit(day, tally, visit, first_client + n) for n, visit in enumerate(visits)))
    deadline = time.monotonic() + CLOSING_S
    while still_open(counts := await _counts(staff)) and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_S)
    over.set()
    return counts


async def _visit(day: Day, tally: Tally, visit: plan.Visit, client: int) -> None:
    await asyncio.sleep(visit.arrives_s / day.speed)
    async with day.browser(client, tally, visit.language) as browser:
        await Customer(visit, browser, tally, day.speed).live()


async def _counts(staff: Staff) -> dict[str, int]:
    return dict((await staff.console())["counts"])


async def _show(customers: int, tally: Tally, *, hidden: bool) -> None:
    with tqdm(total=customers, unit=" customers", disable=hidden) as bar:
        try:
            while True:
                _draw(bar, tally)
                await asyncio.sleep(LOOK_S)
        finally:
            _draw(bar, tally)


def _draw(bar: "tqdm[NoReturn]", tally: Tally) -> None:
    joined, served, gone = tally.counts["joined"], tally.counts["served"], tally.gone
    shown = {"joined": joined, "waiting": len(tally.waiting), "served": served, "gone": gone}
    bar.set_postfix(shown, refresh=False)
    bar.update(served + gone - bar.n)
