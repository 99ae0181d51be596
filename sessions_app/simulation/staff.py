"""A member of staff: starts work, takes customers, talks, hands back now and then, ends, wraps up, takes breaks."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx

from sessions_app.simulation.browser import Browser, form_token, unexpected
from sessions_app.simulation.errors import AnswerLostError, SimulationError, UnexpectedError
from sessions_app.simulation.plan import Call
from sessions_app.simulation.tally import Tally

DESK = "/admin/desk/"
LOGIN = "/admin/login/"
LOOK_S = 0.4  # real seconds between two looks at the console
BEAT_S = 60  # real seconds between two looks of somebody who has nothing to look for
NO_ANSWER_S, LEAST_NO_ANSWER_S = 3 * 60, 5  # simulated, but never less than that of real time


class Staff:
    def __init__(self, calls: Iterator[Call], browser: Browser, tally: Tally, speed: float) -> None:
        self._calls, self._browser, self._tally, self._speed = calls, browser, tally, speed

    async def log_in(self, username: str, password: str) -> None:
        form = await self._browser.get(LOGIN, next=DESK)
        fields = {"username": username, "password": password, "next": DESK, "csrfmiddlewaretoken": form_token(form)}
        answer = await self._browser.post(LOGIN, fields)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise SimulationError(f"The server lets nobody log in as {username} for now: wait a while and try again.")
        if not answer.is_redirect:
            raise SimulationError(f"The server does not accept the password of {username}: run `manage.py demo_staff`.")

    async def console(self) -> dict[str, Any]:
        board = (await self._browser.get(DESK, format="json")).json()
        return dict(board)

    async def work(self, is_over: Callable[[], bool]) -> None:
        """One customer after the other. The console says what is in hand, so that a lost answer does no harm."""
        call = next(self._calls)
        while not is_over():
            try:
                board = await self.console()
                if board["mine"]:
                    await self._serve(board["mine"]["id"], call)
                    await self._rest(call)
                    call = next(self._calls)
                elif not board["duty"]["mine"]:
                    await self._press(f"{DESK}duty/start/")
                elif not (board["counts"]["waiting"] and await self._take_next()):
                    await asyncio.sleep(LOOK_S)
            except AnswerLostError:
                await asyncio.sleep(LOOK_S)
            except UnexpectedError as error:
                self._tally.errors.append(str(error))
                await asyncio.sleep(LOOK_S)
        with suppress(AnswerLostError):  # whose console is closed is off duty in a while
            await self._press(f"{DESK}duty/stop/")

    async def _take_next(self) -> bool:
        return await self._press(f"{DESK}next/")

    async def _serve(self, customer: str, call: Call) -> None:
        if not await self._answered(customer):
            if await self._press_until_done(customer, "end", outcome="no_answer", note=""):
                self._tally.add("ended")
                self._tally.add("no_answer")
            return
        began = time.monotonic()
        await asyncio.sleep(call.talk_s / self._speed)
        if call.hands_back:
            if await self._press_until_done(customer, "requeue"):
                self._tally.add("handed_back")
        elif await self._press_until_done(customer, "end", outcome=call.outcome, note=call.note):
            self._tally.add("ended")
            self._tally.talks_s.append(time.monotonic() - began)

    async def _rest(self, call: Call) -> None:
        await self._at_the_desk(call.wrap_up_s)
        if call.break_s:
            await self._press(f"{DESK}duty/pause/", reason="break")
            await self._at_the_desk(call.break_s)
        await self._press(f"{DESK}duty/ready/")

    async def _at_the_desk(self, simulated_s: float) -> None:
        """Nothing is done, but the console is open: the server should know that somebody is there."""
        left_s = simulated_s / self._speed
        while left_s > 0:
            await asyncio.sleep(min(left_s, BEAT_S))
            left_s -= BEAT_S
            await self.console()

    async def _answered(self, customer: str) -> bool:
        """Whether the customer's page connects before it is no use waiting any longer."""
        deadline = time.monotonic() + max(NO_ANSWER_S / self._speed, LEAST_NO_ANSWER_S)
        while time.monotonic() < deadline:
            mine = (await self.console())["mine"]
            if not mine or mine["id"] != customer:
                return False
            if mine["state"] == "active":
                return True
            await asyncio.sleep(LOOK_S / 2)
        return False

    async def _press_until_done(self, customer: str, action: str, **fields: str) -> bool:
        """False when the customer was gone already. After a lost answer the console says whether it was done."""
        while True:
            try:
                return await self._press(f"{DESK}{customer}/{action}/", **fields)
            except AnswerLostError:
                mine = (await self.console())["mine"]
                if not mine or mine["id"] != customer:
                    return True

    async def _press(self, path: str, **fields: str) -> bool:
        """Whether the server did it; False when it says that somebody or something was faster."""
        answer = await self._browser.post(path, fields, accept="application/json")
        if answer.is_success:
            return True
        if answer.status_code == httpx.codes.CONFLICT:
            return False
        raise unexpected("POST", answer)
