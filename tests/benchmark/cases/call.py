"""Calls between two contexts of headless Chromium: through the desk, and through a bare Channels echo, in turns.

A setup time is what the page measured itself, from the making of its RTCPeerConnection until it was connected. From
claim to call is from the press of the button until the later of the two pages shows the call.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.benchmark.child import ROOT
from tests.benchmark.place import of, place
from tests.benchmark.result import Row
from tests.browser.conftest import CHROMIUM, FLAGS, PASSWORD
from tests.server import Server, free_port

CALLS, WARM = 24, 2
CONNECTED = "The call is connected."
# When the page showed the call and when the button was pressed, by the machine's clock: one page replaces another.
WATCH = """
const stamp = (name) => localStorage.setItem(name, performance.timeOrigin + performance.now());
addEventListener("submit", () => stamp("pressed"), true);
addEventListener("DOMContentLoaded", () => {
  const call = document.getElementById("call");
  if (!call) return;
  const note = () => call.hidden || localStorage.getItem("shown") || stamp("shown");
  new MutationObserver(note).observe(call, { attributes: true });
  note();
});
"""
STAMP = "(name) => Number(localStorage.getItem(name))"


def run() -> list[Row]:
    settings = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DESK_JOINS_PER_MINUTE": "1000", "LOG_LEVEL": "WARNING"}
    with place(**settings) as server, of(server, "visits") as desk, echo() as bare, chromium() as browser:
        server.manage("createsuperuser", "--noinput", "--username=ana", "--email=")
        server.start("serve")
        contexts = (browser.new_context(locale="en-GB"), browser.new_context(locale="en-GB"))
        customer, staff = (watched(context) for context in contexts)
        login(staff, server)
        bare_ms: dict[str, list[float]] = {"customer": [], "staff": []}
        shown_ms: list[float] = []
        for n in range(WARM + CALLS):
            for role, ms in bare_call(customer, staff, bare).items():
                bare_ms[role].append(ms)
            shown_ms.append(our_call(customer, staff, server, f"Customer {n}"))
        time.sleep(2)
        ours_ms = desk.ask("setups")
    return rows(
        {role: times[WARM:] for role, times in ours_ms.items()},
        {role: times[WARM:] for role, times in bare_ms.items()},
        shown_ms[WARM:],
    )


def rows(ours_ms: dict[str, list[float]], bare_ms: dict[str, list[float]], shown_ms: list[float]) -> list[Row]:
    found = []
    for role, times in ours_ms.items():
        ours, bare = median(times), median(bare_ms[role])
        found.append(
            Row(
                f"setup time of a call on the {role}'s page, median",
                f"{ours:.0f} ms",
                f"{bare:.0f} ms through a bare echo",
                f"{ours / bare:.2f}",
                "at most 1.15 times",
                ours / bare <= 1.15 and len(times) >= 20,
                f"95th percentile {ninety_fifth(times):.0f} and {ninety_fifth(bare_ms[role]):.0f} ms of {len(times)}",
            )
        )
    late = ninety_fifth(shown_ms)
    found.append(
        Row(
            "from claim to both pages showing the call, 95th percentile",
            f"{late:.0f} ms",
            bar="under 300 ms",
            met=late < 300,
            note=f"median {median(shown_ms):.0f} ms of {len(shown_ms)} calls, the slowest {max(shown_ms):.0f}",
        )
    )
    return found


def ninety_fifth(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def echo() -> Iterator[str]:
    """The address of a server that passes on what pages say, and does nothing else."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.benchmark.inside.echo:application", f"--port={port}"]
    server = subprocess.Popen([*command, "--log-level=warning"], cwd=ROOT)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(10)


def watched(context: BrowserContext) -> Page:
    context.add_init_script(WATCH)
    return context.new_page()


def login(staff: Page, server: Server) -> None:
    staff.goto(f"{server.url}/admin/")
    staff.fill("[name=username]", "ana")
    staff.fill("[name=password]", PASSWORD)
    staff.click("[type=submit]")


def bare_call(customer: Page, staff: Page, address: str) -> dict[str, float]:
    """Setup times by role; as with us, it is the member of staff who offers."""
    for page in (customer, staff):
        page.goto(address)
        page.evaluate("prepare()")
    staff.evaluate("connect(true)")
    return {role: connected(page) for role, page in (("customer", customer), ("staff", staff))}


def connected(page: Page) -> float:
    page.wait_for_function("window.took", timeout=10_000)
    return float(page.evaluate("window.took"))


def our_call(customer: Page, staff: Page, server: Server, name: str) -> float:
    """Milliseconds from the claim until both pages show the call."""
    customer.goto(f"{server.url}/")
    customer.evaluate("localStorage.clear()")
    customer.fill("[name=name]", name)
    customer.click("main button")
    expect(customer.locator("#mark")).to_have_text("live")
    staff.goto(f"{server.url}/admin/desk/")
    staff.evaluate("localStorage.clear()")
    expect(staff.locator("#queue")).to_contain_text(name)
    staff.get_by_role("button", name="Take the next customer").click()
    for page in (customer, staff):
        expect(page.locator("#call [data-part=state]")).to_have_text(CONNECTED, timeout=15_000)
    pressed = staff.evaluate(STAMP, "pressed")
    shown = max(page.evaluate(STAMP, "shown") for page in (customer, staff))
    customer.wait_for_timeout(1500)  # for the first frame, and with it the report
    staff.get_by_role("button", name="End the session").click()
    expect(staff.locator("#mine")).to_contain_text("You have no customer")
    return float(shown - pressed)
