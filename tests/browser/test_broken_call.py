"""A call whose line breaks: pages that are reloaded or opened twice, claims nobody answers, a server that restarts."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, People
from tests.browser.test_attempts import reports
from tests.browser.test_call import PICTURES, hand_back, in_call, said, take
from tests.browser.test_first_day import join
from tests.server import serving

ELSEWHERE = "This call is open in another tab or on another device."
CONNECTED = "The call is connected."
PLAYED = "document.querySelector('[data-part=theirs]').currentTime"
# A browser whose user reads the question for the camera and does not press anything.
UNDECIDED = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {})"

# A line that breaks just when the page says something for the first time: the server never hears it.
CUT = """
const send = WebSocket.prototype.send;
let cut = false;
WebSocket.prototype.send = function (text) {{
  if (cut || JSON.parse(text).type !== "{}") return send.call(this, text);
  cut = true;
  this.close();
}};"""


def until(page, holds, within_s=10):
    """Wait in steps of our own: Playwright's waiting evaluates text in the page, which the content policy forbids."""
    for _ in range(within_s * 10):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(holds)


@pytest.fixture
def own(chromium, tmp_path):
    """A server of the test's own, where customers must answer soon."""
    settings = {"DESK_ANSWER_WITHIN": "5"}
    with serving(tmp_path, **settings) as server:
        server.add_superuser("ana", PASSWORD)
        people = People(chromium, server)
        yield people
        people.leave()


def test_staff_who_reload_or_come_back_are_in_the_call_again(people):
    desk, customer = in_call(people, "Vera")
    desk.reload()
    expect(said(desk)).to_have_text(CONNECTED, timeout=10_000)
    desk.goto("/admin/")
    desk.goto("/admin/desk/")
    for page in (desk, customer):
        expect(said(page)).to_have_text(CONNECTED, timeout=10_000)
        until(page, PICTURES)
    hand_back(desk, customer)


def test_a_second_tab_takes_the_call_over_and_the_first_can_take_it_back(people):
    desk, first = in_call(people, "Willa")
    second = first.context.new_page()
    second.goto(first.url)
    expect(said(second)).to_have_text(CONNECTED, timeout=10_000)
    expect(first.get_by_text(ELSEWHERE)).to_be_visible()
    expect(first.locator("#call")).to_be_hidden()
    first.get_by_role("button", name="Take it back").click()
    expect(said(first)).to_have_text(CONNECTED, timeout=10_000)
    expect(second.get_by_text(ELSEWHERE)).to_be_visible()
    expect(said(desk)).to_have_text(CONNECTED)
    hand_back(desk, first)


def test_a_second_console_takes_the_call_over(people):
    first, customer = in_call(people, "Xena")
    second = first.context.new_page()
    second.goto("/admin/desk/")
    expect(said(second)).to_have_text(CONNECTED, timeout=10_000)
    expect(first.get_by_text(ELSEWHERE)).to_be_visible()
    first.wait_for_timeout(2_500)  # longer than a line takes to be opened again
    expect(said(second)).to_have_text(CONNECTED)
    expect(said(customer)).to_have_text(CONNECTED)
    hand_back(second, customer)


@pytest.mark.parametrize("kind", ["ice", "connected", "ready"])
def test_a_line_that_breaks_while_the_call_begins_loses_nothing(people, server, kind):
    """With "connected", what the page reports next is said while the line is down."""
    name = f"Xara {kind}"
    desk, customer = people.staff(), people.person()
    customer.add_init_script(CUT.format(kind))
    desk.goto("/admin/desk/")
    join(customer, name)
    take(desk, name)
    for page in (desk, customer):
        expect(said(page)).to_have_text(CONNECTED, timeout=15_000)
    reports(server, name, ("connected", ""))
    hand_back(desk, customer)


def test_who_let_two_calls_go_by_is_asked_whether_they_are_there_and_else_is_gone(chromium, tmp_path):
    with serving(tmp_path, DESK_GONE_AFTER="5") as server:
        server.add_superuser("ana", PASSWORD)
        people = People(chromium, server)
        desk, customer = people.staff(), people.person()
        desk.goto("/admin/desk/")
        customer.add_init_script(UNDECIDED)
        join(customer, "Zita")
        for times in (1, 2):
            take(desk, "Zita")
            expect(said(customer)).to_contain_text("Your browser asks")
            expect(customer.locator("#still-there")).to_be_hidden()
            desk.click("#requeue")
            expect(customer.locator("#status .place")).to_contain_text("You are next")
            expect(customer.locator("#still-there")).to_be_visible(visible=times == 2)
        customer.get_by_role("button", name="I am still here").click()
        customer.wait_for_timeout(7_000)  # longer than DESK_GONE_AFTER
        expect(customer.locator("#status .place")).to_contain_text("You are next")
        for _ in range(2):
            take(desk, "Zita")
            expect(said(customer)).to_contain_text("Your browser asks")
            desk.click("#requeue")
            expect(customer.locator("#status .place")).to_contain_text("You are next")
        expect(customer.locator("#status .place")).to_contain_text("over", timeout=15_000)
        assert people.complaints == []
        people.leave()


def test_who_is_asked_for_the_camera_keeps_the_claim_for_a_while(own):
    desk, customer = own.staff(), own.person()
    desk.goto("/admin/desk/")
    customer.add_init_script(UNDECIDED)
    join(customer, "Yara")
    take(desk, "Yara")
    expect(said(customer)).to_contain_text("Your browser asks")
    customer.wait_for_timeout(8_000)  # three seconds past DESK_ANSWER_WITHIN
    expect(desk.locator("#mine")).to_contain_text("Yara")
    expect(desk.locator("#returned")).to_be_visible(timeout=20_000)
    expect(desk.locator("#returned")).to_contain_text("The page of Yara did not answer in time")
    expect(customer.locator("#status .place")).to_contain_text("You are next")
    assert own.complaints == []


def test_a_call_outlives_a_restart_of_the_server(own):
    desk, customer = in_call(own, "Zoe")
    for page in (desk, customer):
        until(page, PICTURES)
    own.server.stop("serve")
    expect(customer.locator("#mark")).to_contain_text("offline")
    for page in (desk, customer):
        before = page.evaluate(PLAYED)
        until(page, f"{PLAYED} > {before + 1}")

    own.server.start("serve")
    for page, mark in ((desk, "#live"), (customer, "#mark")):
        expect(page.locator(mark)).to_have_text("live", timeout=30_000)
        expect(said(page)).to_have_text(CONNECTED)
    customer.fill("#call-text", "Still there?")
    customer.get_by_role("button", name="Send").click()
    expect(desk.locator("#call .log")).to_contain_text("Still there?")
    desk.reload()  # a new page finds the other only through the server
    for page in (desk, customer):
        expect(said(page)).to_have_text(CONNECTED, timeout=15_000)
    desk.get_by_role("button", name="Hang up").click()
    expect(said(customer)).to_have_text("The other side has left the call.")
