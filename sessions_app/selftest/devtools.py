"""A headless Chromium, driven by the DevTools protocol over a pipe.

Over a pipe and not over a port: nobody else on this machine can reach it, and when we die, however that happens,
Chromium finds the pipe closed and ends by itself. https://chromedevtools.github.io/devtools-protocol/
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sessions_app.selftest.errors import SelfTestError

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LOOK_S = 0.02  # between two looks at a page
ANSWER_S = 20.0  # for one command; Chromium's first takes longest
LEAST_S = 1.0  # for one when time is up: who waits for something else says so better
END_S = 3.0  # to end when it is told to
FLAGS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-gpu"),
    *("--disable-background-networking", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage"),
    *("--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows"),
    *("--disable-renderer-backgrounding", "--mute-audio"),
    # A camera that shows a test picture, and candidates also where there is the loopback interface alone.
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection"),
)

# Chromium reads commands from descriptor 3 and answers on 4; which ones ours are is not for us to choose.
LAUNCH = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(end), fcntl.F_DUPFD_CLOEXEC, 10) for end in sys.argv[1:3]]
for end, theirs in zip(ours, (3, 4)):
    os.dup2(end, theirs)
os.execv(sys.argv[3], sys.argv[3:])
"""


class RefusedError(SelfTestError):
    """Chromium does not do what a command asks, such as to look at a page that is just being replaced."""


def find(named: str = "") -> Path | None:
    """The browser: the one that is `named`, else the first of the usual names; None when there is none.

    Raises SelfTestError when the one that is named cannot be run.
    """
    if named and shutil.which(named) is None:
        raise SelfTestError(f"{named} is no program that can be run: correct --browser, or leave it out.")
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    return Path(found) if found else None


@contextmanager
def chromium(program: Path) -> Iterator["Chromium"]:
    """Started with a profile of its own; both are gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="adminara-selftest-", ignore_cleanup_errors=True) as profile:
        running = Chromium(program, Path(profile))
        try:
            yield running
        finally:
            running.end()


class Chromium:
    """`until` (of time.monotonic()) bounds everything that is waited for; there is no other thread."""

    def __init__(self, program: Path, profile: Path) -> None:
        self.until = float("inf")
        self._number, self._rest = 0, b""
        self._pages: dict[str, Page] = {}
        self._complaints = profile / "stderr"
        flags = [*FLAGS, f"--user-data-dir={profile}"]
        if os.geteuid() == 0:  # Chromium's sandbox refuses to work for root
            flags.append("--no-sandbox")
        from_us, self._to = os.pipe()
        self._from, to_us = os.pipe()
        try:
            with self._complaints.open("w") as complaints:
                self._process = subprocess.Popen(  # noqa: S603 -- the operator's browser, and flags of ours
                    [sys.executable, "-ISc", LAUNCH, str(from_us), str(to_us), program, *flags],
                    pass_fds=(from_us, to_us),
                    stdin=subprocess.DEVNULL,
                    stdout=complaints,
                    stderr=complaints,
                    start_new_session=True,
                )
        finally:
            os.close(from_us)
            os.close(to_us)

    def page(self) -> "Page":
        """An empty page in a context of its own: neither cookies nor storage are shared with any other."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        page.ask("Network.enable")
        return page

    def ask(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """The answer to one command. Raises RefusedError, or SelfTestError when Chromium is gone or says nothing."""
        self._number += 1
        number = self._number
        command = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        with suppress(BrokenPipeError):  # then there is no answer either, which says why
            self._write(json.dumps(command).encode() + b"\0")
        now = time.monotonic()
        deadline = now + max(LEAST_S, min(ANSWER_S, self.until - now))
        while True:
            message = self.hear(deadline)
            if message is None:
                raise SelfTestError(f"Chromium did not answer {method} in time: is the machine overloaded?")
            if message.get("id") == number:
                break
        if "error" in message:
            raise RefusedError(f"Chromium refuses {method}: {message['error']['message']}.")
        return dict(message["result"])

    def hear(self, deadline: float) -> dict[str, Any] | None:
        """The next message, which its page hears too; None when there is none before `deadline`."""
        while b"\0" not in self._rest:
            if not select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return None
            read = os.read(self._from, 1 << 20)
            if not read:
                raise SelfTestError(self._epitaph())
            self._rest += read
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if page := self._pages.get(message.get("sessionId", "")):
            page.note(message)
        return message

    def end(self) -> None:
        with suppress(OSError):
            self._write(b'{"id":0,"method":"Browser.close"}\0')
        os.close(self._to)
        os.close(self._from)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with suppress(ProcessLookupError):  # what it started is of the same group
            os.killpg(self._process.pid, 9)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._to, data) :]

    def _epitaph(self) -> str:
        said = self._complaints.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        return (
            f"Chromium ended by itself: {said[0][:300]}. "
            "Try it by hand with --headless, or name another one with --browser."
        )


class Page:
    """One page; `heard` is what its WebSockets received, in order, `status` how its document was answered."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self._browser, self._session = browser, session
        self.heard: list[str] = []
        self.status = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.ask(method, self._session, **params)

    def note(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Network.webSocketFrameReceived":
            self.heard.append(message["params"]["response"]["payloadData"])
        elif message.get("method") == "Network.responseReceived" and message["params"]["type"] == "Document":
            self.status = message["params"]["response"]["status"]

    def set_cookie(self, url: str, name: str, value: str) -> None:
        self.ask("Network.setCookie", url=url, name=name, value=value, httpOnly=True)

    def open(self, url: str) -> None:
        """Raises SelfTestError when there is no such page, or it is answered with an error."""
        if failure := self.ask("Page.navigate", url=url).get("errorText"):
            raise SelfTestError(
                f"Chromium could not open a page of the server ({failure}): is it running, and known here by that name?"
            )
        if self.status >= 400:
            raise SelfTestError(f"A page was answered with {self.status}: the log of the web server says why.")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; promises are awaited. Raises RefusedError when it throws."""
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if thrown := answer.get("exceptionDetails"):
            why = thrown.get("exception", {}).get("description") or thrown["text"]
            raise RefusedError(f"A page did not do as asked: {why}.")
        return answer["result"].get("value")

    def wait(self, expression: str, within_s: float, otherwise: str) -> Any:
        """The value of `expression` once it is truthy. Raises SelfTestError(`otherwise`) after `within_s` seconds."""

        def look() -> Any:
            try:
                return self.evaluate(expression)
            except RefusedError:  # the page is just being replaced
                return None

        return self._wait(look, within_s, otherwise)

    def wait_heard(self, wanted: Callable[[str], bool], within_s: float, otherwise: str) -> None:
        """Until a WebSocket of the page has received what is `wanted`."""
        self._wait(lambda: any(map(wanted, self.heard)), within_s, otherwise)

    def _wait(self, look: Callable[[], Any], within_s: float, otherwise: str) -> Any:
        deadline = min(self._browser.until, time.monotonic() + within_s)
        while not (found := look()):
            if time.monotonic() > deadline:
                raise SelfTestError(otherwise)
            self._browser.hear(time.monotonic() + LOOK_S)
        return found
