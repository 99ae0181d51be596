"""What every staff page owes its reader: accessible to all, nothing cut, nothing that jumps, few bytes, and fresh."""

import gzip
import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import rules
from tests.browser.pages import A_TRACE, PAGES, PANEL
from tests.browser.test_bottlenecks import BEFORE_AND_NOW

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="module")
def filled(server):
    for arguments in (
        ("shell", "-c", BEFORE_AND_NOW),
        ("shell", "-c", A_TRACE),
        ("mark_deploy", "2.0.0"),
        ("demo_staff", "--count=2"),
        ("simulate", "--customers=12", "--staff=2", "--speed=1800", f"--url={server.url}", "--seed=5"),
    ):
        done = server.manage(*arguments)
        assert done.returncode == 0, done.stderr
    return server


@pytest.mark.parametrize("name", PAGES)
def test_a_page_breaks_no_rule_of_axe_in_either_theme_and_fits_every_width(filled, people, name):
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.goto(PAGES[name])
    rules.keeps_all_in_either_theme(page)
    rules.fits_every_width(page)


def test_the_tab_that_is_open_shows_on_a_narrow_screen(people):
    page = people.staff(viewport={"width": 360, "height": 740})
    page.goto(PAGES["audit"])
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)


def test_the_overview_takes_few_bytes(filled, people):
    page = people.staff()
    answer = page.goto(PANEL)
    assert len(answer.body()) < 60_000
    sources = page.locator("script[src]").evaluate_all("scripts => scripts.map((script) => script.src)")
    modules = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    scripts = {source for source in [*sources, *modules] if ".js" in source}
    assert len(scripts) > 3
    assert sum(len(gzip.compress(page.request.get(script).body())) for script in scripts) < 80_000


def test_nothing_jumps_while_the_overview_is_pushed(filled, people):
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.add_init_script(SHIFTS)
    page.goto(PANEL)
    expect(page.locator("#live")).to_have_text("live")
    filled.manage("simulate", "--customers=6", "--staff=1", "--speed=600", f"--url={filled.url}", "--seed=6")
    shifts = page.evaluate("window.shifts")
    assert sum(shifts) < 0.01, shifts


def test_without_a_socket_the_page_asks_for_its_numbers(filled, people):
    page = people.staff()
    refused = []
    page.route_web_socket(re.compile("/ws/"), lambda socket: (refused.append(socket.url), socket.close()))
    page.goto(PANEL)
    at = page.locator("#overview-strip").get_attribute("data-at")
    expect(page.locator("#overview-strip")).not_to_have_attribute("data-at", at, timeout=20_000)
    assert refused
    expect(page.locator("#live")).to_contain_text("delayed")


def test_a_hidden_tab_asks_for_nothing_and_goes_on_when_it_is_seen_again(filled, people):
    page = people.staff()
    page.goto(PANEL)
    expect(page.locator("#live")).to_have_text("live")
    turn(page, hidden=True)
    expect(page.locator("#live")).to_have_text("paused")
    at = page.locator("#overview-strip").get_attribute("data-at")
    page.wait_for_timeout(5_000)
    assert page.locator("#overview-strip").get_attribute("data-at") == at
    turn(page, hidden=False)
    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator("#overview-strip")).not_to_have_attribute("data-at", at)


def turn(page, *, hidden):
    """Headless Chromium shows every tab for ever: the page is told what a browser with a screen would tell it."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_what_the_pointer_finds_in_a_chart_is_said_in_the_viewers_zone(filled, people):
    told = []
    for zone in ("UTC", "Asia/Kolkata"):  # five hours and a half ahead
        page = people.staff(timezone_id=zone, locale="en-GB")
        page.goto(f"{PAGES['name']}&window=7d")
        expect(page.locator(".hints title").first).not_to_contain_text("UTC")
        text = page.locator(".hints title").first.text_content()
        told.append(datetime.strptime(re.match(r"\d+ \w+ \d{4}, \d\d:\d\d", text)[0], "%d %b %Y, %H:%M"))
    assert told[1] - told[0] in (timedelta(hours=5, minutes=30), timedelta(hours=6, minutes=30))  # a new hour began
