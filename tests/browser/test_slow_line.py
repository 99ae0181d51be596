"""Somebody new to it: from the overview to the line of code that is slow, by four clicks or by keys."""

import pytest
from playwright.sync_api import expect

from tests import planted
from tests.browser.pages import PANEL

ENQUEUED = """
from monitoring import enqueue
for _ in range(3):
    enqueue("tests.planted.slow_job")
    enqueue("tests.planted.slow_query")
"""
SLOW = {
    "slow_job": ("planted.dawdle", planted.dawdle),
    "slow_query": ("SELECT auth_group", planted.count_up),
}
MOST_CLICKS = 4
MOST_TABS = 60


@pytest.fixture(scope="module")
def slow(server):
    made = server.manage("shell", "-c", ENQUEUED)
    assert made.returncode == 0, made.stderr
    return server


def overview(people, job, **options):
    page = people.staff(**options)
    page.goto(PANEL)
    row = page.locator("#fix-first tr", has_text=f"job.{job}")
    expect(row).to_be_visible(timeout=30_000)
    return page, row


def names_the_line(page, span, function):
    opened = page.locator(".span:has(details[open])", has_text=span).first
    expect(opened).to_contain_text("tests/planted.py")
    first = function.__wrapped__.__code__.co_firstlineno
    told = opened.locator("dt", has_text="code.line.number").locator("+ dd").inner_text()
    assert first <= int(told) <= first + 6


@pytest.mark.parametrize("locale", ["en-GB", "tr-TR"])
@pytest.mark.parametrize("job", SLOW)
def test_by_clicks(slow, people, job, locale):
    span, function = SLOW[job]
    page, row = overview(people, job, locale=locale)
    clicks = [row.locator("a[href*='/traces/']").first, page.locator(".spent a", has_text=span).first]
    for link in clicks:
        link.click()
    names_the_line(page, span, function)
    assert len(clicks) <= MOST_CLICKS


def test_by_keys_alone(slow, people):
    span, function = SLOW["slow_query"]
    page, _row = overview(people, "slow_query")
    tab_to(page, "#fix-first tr", "job.slow_query", "/traces/")
    page.keyboard.press("Enter")
    expect(page.locator(".spent")).to_be_visible()
    tab_to(page, ".spent", span, "span-")
    page.keyboard.press("Enter")
    names_the_line(page, span, function)


def tab_to(page, inside, text, address):
    """Press Tab until a link to `address` has the focus, inside of what says `text`."""
    wanted = """([inside, text, address]) => {
      const link = document.activeElement, around = link.closest(inside), href = link.getAttribute("href") ?? "";
      return around !== null && around.textContent.includes(text) && href.includes(address);
    }"""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(wanted, [inside, text, address]):
            return
    raise AssertionError(f"{MOST_TABS} tabs did not lead to {text}")
