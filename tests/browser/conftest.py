"""Real browsers on a real server. Without Chromium these tests are skipped, and say so."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.server import ROOT, Server, serving

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")  # the first draws no frame around pages
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"),
    # A camera that shows a test picture, seldom enough not to keep the machine busy; calls may stay on this machine.
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=fps=5"),
    "--allow-loopback-in-peer-connection",
]
PASSWORD = "correct horse battery"
expect.set_options(timeout=10_000)  # ms of patience, with a machine that others keep busy; it proves nothing
cookies: dict[str, StorageState] = {}  # of those who have logged in, by the server's address


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in Path(item.fspath).parts and CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="chromium is not installed (Debian's package)"))


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("browser"), "qcluster") as running:
        running.add_superuser("ana", PASSWORD)
        yield running


@pytest.fixture(scope="module")
def program() -> str | None:
    return CHROMIUM


@pytest.fixture(scope="module")
def chromium(program: str | None) -> Iterator[Browser]:
    """One browser a module: while it runs, its event loop keeps tests with a loop of their own from running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class People:
    """Opens browsers for people, and remembers whatever their consoles complained of."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []
        self.visits: set[str] = set()

    def person(self, **options: object) -> Page:
        context = self.browser.new_context(**{"base_url": self.server.url, "locale": "en-GB", **options})
        self.contexts.append(context)
        page = context.new_page()
        page.on("framenavigated", lambda frame: "/s/" in frame.url and self.visits.add(frame.url.rstrip("/")))
        page.on("console", lambda message: message.type == "error" and self._complain(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _complain(self, text: str) -> None:
        if "status of 410" not in text:  # the page of a session that is over, which the console notes as an error
            self.complaints.append(text)

    def leave(self) -> None:
        """Nobody of this test is left in the queue or with staff, even if their page is closed."""
        for visit in self.visits:
            httpx.post(f"{visit}/leave/", trust_env=False, verify=False)
        for context in self.contexts:
            context.close()

    def staff(self, **options: object) -> Page:
        """Somebody who has logged in: by the form, or with the cookies of who did before on this server."""
        page = self.person(storage_state=cookies.get(self.server.url), **options)
        if page.request.get("/admin/", max_redirects=0).status != httpx.codes.OK:
            page.goto("/admin/")
            page.fill("[name=username]", "ana")
            page.fill("[name=password]", PASSWORD)
            page.click("[type=submit]")
            page.wait_for_url("**/admin/")
            cookies[self.server.url] = page.context.storage_state()
        return page


@pytest.fixture
def people(chromium, server) -> Iterator[People]:
    """The test fails when any page logged an error, a violated content policy included."""
    everybody = People(chromium, server)
    yield everybody
    everybody.leave()
    assert everybody.complaints == []


@pytest.fixture
def picture():
    """Takes a screenshot where one is asked for: `PICTURES=docs/pictures` renews those of the documentation."""

    def take(page: Page, name: str, **options: object) -> None:
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=ROOT / folder / f"{name}.png", **options)

    return take
