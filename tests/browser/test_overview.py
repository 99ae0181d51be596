"""The overview: a sentence opens to who offends, a restart of the server is survived, and all of it hangs on a wall."""

import pytest
from playwright.sync_api import expect

from tests.browser import rules
from tests.browser.pages import PANEL
from tests.browser.test_bottlenecks import BEFORE_AND_NOW
from tests.browser.test_first_day import join
from tests.browser.test_manner import SHIFTS

SCREENS = ((1920, 1080), (3840, 2160))
LOOKS = [(360, "light"), (1280, "dark")]
ROOM = """() => [...document.querySelectorAll("h1, h2, .verdict span, .strip :is(dt, dd), .tile :is(.figure, .parts)")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.textContent.trim().slice(0, 40), one.getBoundingClientRect()])
  .filter(([, box]) => box.bottom > innerHeight || box.right > innerWidth || box.height === 0)
  .map(([text]) => text)"""


@pytest.fixture(scope="module")
def busy(server):
    for arguments in (("shell", "-c", BEFORE_AND_NOW), ("mark_deploy", "2.0.0"), ("demo_staff", "--count=2")):
        made = server.manage(*arguments)
        assert made.returncode == 0, made.stderr
    return server


def strip(page):
    return page.locator("#overview-strip")


def is_pushed(page, times=1):
    """So many pushes have come."""
    for _ in range(times):
        at = strip(page).get_attribute("data-at")
        expect(strip(page)).not_to_have_attribute("data-at", at)


def is_live(page, **options):
    expect(page.locator("#live")).to_have_text("live", **options)
    is_pushed(page)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_sentence_opens_by_key_to_who_offends_and_a_push_neither_closes_it_nor_takes_the_focus(
    busy, people, picture, width, scheme
):
    page = people.staff(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(PANEL)
    is_live(page)
    page.locator("#verdict-slower-name").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#verdict-slower li")).to_contain_text("report.render p95")
    page.locator("#verdict-slower").evaluate("(details) => details.dataset.old = 'yes'")
    slow = f"profiler.record('slow.{width}.{scheme}', 700)"  # one sentence is another one with the next reading
    made = busy.manage("shell", "-c", f"from monitoring import profiler\n{slow}")
    assert made.returncode == 0, made.stderr
    expect(page.locator("#verdict-slower[data-old]")).to_have_count(0, timeout=30_000)
    expect(page.locator("#verdict-slower")).to_have_attribute("open", "")
    expect(page.locator("#verdict-slower-name")).to_be_focused()
    picture(page, f"overview-open-{width}-{scheme}", full_page=True)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("report.render")


@pytest.mark.parametrize("width", rules.WIDTHS)
def test_with_all_sentences_open_no_rule_of_axe_is_broken_in_either_theme(busy, people, width):
    page = people.staff(viewport={"width": width, "height": 900})
    page.goto(PANEL)
    is_live(page)
    page.evaluate("document.querySelectorAll('#overview details').forEach((details) => (details.open = true))")
    rules.keeps_all_in_either_theme(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_jumps_while_numbers_move(busy, people):
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.add_init_script(SHIFTS)
    for _ in range(3):  # a sentence that comes or goes takes its room, which is not what is tried here
        page.goto(PANEL)
        is_live(page)
        sentences = page.locator(".verdict").count()
        page.evaluate("window.shifts = []")
        customers = [join(people.person(), f"Nur {number}") for number in range(3)]
        expect(strip(page).locator("dd").first).not_to_have_text("0")
        is_pushed(page, times=6)
        shifts = page.evaluate("window.shifts")
        for customer in customers:
            customer.close()
        if page.locator(".verdict").count() == sentences:
            break
    assert shifts == []


def test_a_restart_of_the_server_is_survived_without_a_reload(server, people):
    page, wall = people.staff(), people.staff()
    page.goto(PANEL)
    wall.goto(f"{PANEL}?wall=1")
    for one in (page, wall):
        is_live(one)
        one.evaluate("window.same = true")
    server.stop("serve")
    for one in (page, wall):
        expect(one.locator("#live")).to_have_text("offline", timeout=40_000)
    server.start("serve")
    for one in (page, wall):
        is_live(one, timeout=90_000)
        is_pushed(one, times=2)
        assert one.evaluate("window.same")
    # That the server was away is no mistake of the page.
    away = ("WebSocket connection to", "ERR_CONNECTION", "htmx:wsError", "[object Event]")
    people.complaints[:] = [said for said in people.complaints if not any(one in said for one in away)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wall_fits_its_screen_and_can_be_read_across_a_room(busy, people, picture, scheme):
    page = people.staff(color_scheme="dark" if scheme == "light" else "light")
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{PANEL}?wall={scheme}")
        is_live(page)
        picture(page, f"wall-{width}-{scheme}")
        assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
            *(width, height),
        ]
        assert page.evaluate(ROOM) == []
        size = strip(page).locator("dd").first.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")
        assert size > height / 18  # a metre of screen shows it 5 cm high
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme
    rules.keeps_all(page)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="Leave the wall").click()
    expect(page.get_by_role("link", name="For the wall")).to_be_visible()


def test_the_wall_says_when_its_numbers_are_old(busy, people):
    page = people.staff(viewport={"width": 1920, "height": 1080})
    page.goto(f"{PANEL}?wall=1")
    is_live(page)
    page.clock.install()
    page.context.set_offline(True)
    page.clock.fast_forward(60_000)
    expect(page.locator("#live")).to_contain_text("offline")
    assert page.locator(".title").evaluate("(one) => one.getBoundingClientRect().width") == 1920
