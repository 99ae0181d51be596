"""Somebody new to it: from the overview to the line of code that is slow, in four clicks or fewer, or by keys alone."""

import pytest
from playwright.sync_api import expect

from tests import planted
from tests.browser.conftest import PASSWORD
from tests.browser.pages import PANEL
from tests.server import serving

DESK_DAY = (
    ("demo_staff", "--count=2"),
    ("simulate", "--customers=12", "--staff=2", "--speed=600", "--seed=5"),
)
RUNS = 30
# They are over when nothing moves any more among what to fix first.
ENQUEUED = f"""
import time
from monitoring import enqueue
from monitoring.models import JobRun
for _ in range({RUNS}):
    enqueue("tests.planted.slow_job")
    enqueue("tests.planted.slow_query")
deadline = time.monotonic() + 140
while JobRun.objects.filter(name__in=("slow_job", "slow_query"), status="success").count() < 2 * {RUNS}:
    assert time.monotonic() < deadline
    time.sleep(0.5)
"""
SLOW = {
    "job.slow_job": ("planted.dawdle", planted.dawdle),
    "job.slow_query": ("SELECT auth_group", planted.count_up),
}
# Links: of a name in a table, to its slowest trace or to its page; on its page to an example; on a trace's page to what
# most of its time went into.
SLOWEST = "tr:has(a[href*='{name}']) a[href*='#span-']"
NAME = "tr a[href*='/bottlenecks/name/'][href*='{name}']"
EXAMPLE = ".examples a[href*='#span-']"
SPENT = ".spent a"
VERDICT = ".verdict:has(a[href$='/bottlenecks/']) summary"
ALL = ".verdict[open] a[href$='/bottlenecks/']"
WAYS = ((SLOWEST, SPENT), (NAME, EXAMPLE, SPENT), (VERDICT, ALL, SLOWEST, SPENT))
MOST_CLICKS = 4
MOST_TABS = 80


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A desk of its own: what other tests made slow would stand first."""
    with serving(tmp_path_factory.mktemp("slow"), "qcluster") as running:
        running.add_superuser("ana", PASSWORD)
        for arguments in (
            *((*command, f"--url={running.url}") if command[0] == "simulate" else command for command in DESK_DAY),
            ("shell", "-c", ENQUEUED),
        ):
            done = running.manage(*arguments)
            assert done.returncode == 0, done.stderr
        yield running


def overview(people, name, **options):
    """The overview, once the job stands among what to fix first."""
    page = people.staff(**options)
    page.goto(PANEL)
    expect(page.locator(SLOWEST.format(name=name)).first).to_be_visible(timeout=60_000)
    return page


def names_the_line(page, span, function):
    opened = page.locator(".span:has(details[open])", has_text=span).first
    expect(opened).to_contain_text("tests/planted.py")
    told = opened.locator("dt", has_text="code.line.number").locator("+ dd").inner_text()
    first = function.__wrapped__.__code__.co_firstlineno
    assert first <= int(told) <= first + 6


@pytest.mark.parametrize("locale", ["en-GB", "tr-TR"])
@pytest.mark.parametrize("name", SLOW)
def test_by_clicks(people, name, locale):
    span, function = SLOW[name]
    page = overview(people, name, locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    for way in WAYS:
        page.goto(PANEL)
        assert len(way) <= MOST_CLICKS
        for link in way:
            page.locator(link.format(name=name)).filter(has_text=span if link == SPENT else "").first.click()
        names_the_line(page, span, function)


@pytest.mark.parametrize("name", SLOW)
def test_by_keys_alone(people, name):
    span, function = SLOW[name]
    page = overview(people, name)
    tab_to(page, SLOWEST.format(name=name))
    page.keyboard.press("Enter")
    expect(page.locator(".spent")).to_be_visible()
    tab_to(page, SPENT, span)
    page.keyboard.press("Enter")
    names_the_line(page, span, function)


def tab_to(page, link, text=""):
    """Press Tab until the focus is on such a link that says `text`."""
    focused = (
        "([link, text]) => document.activeElement.matches(link) && document.activeElement.innerText.includes(text)"
    )
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(focused, [link, text]):
            return
    raise AssertionError(f"{MOST_TABS} tabs did not lead to {link}")
