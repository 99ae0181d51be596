"""What people send in a call: how they choose it, how it is refused and what they do about that."""

import shutil
import time

import pytest
from playwright.sync_api import expect

from tests.browser.test_attempts import CONNECTED, reports
from tests.browser.test_broken_call import until
from tests.browser.test_call import PICTURES, hand_back, in_call, said, take
from tests.browser.test_first_day import join

# A browser that answers as the test says: `refusal` is the error's name and message, `permission` what it remembers.
ANSWERING = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.asked = 0;
navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.asked += 1;
  if (window.refusal) throw new DOMException(window.refusal[1], window.refusal[0]);
  return ask(wanted);
};
navigator.permissions.query = async () => ({ state: window.permission });
window.connections = [];
const Real = RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...options) { super(...options); window.connections.push(this); }
};"""
REFUSALS = [
    (["NotAllowedError", "Permission denied"], "denied", "Allow them beside the address"),
    (["NotAllowedError", "Permission dismissed"], "prompt", "the question was closed or refused"),
    (["NotAllowedError", "Permission denied by system"], "denied", "privacy settings"),
    (["NotFoundError", "Requested device not found"], "granted", "was found. Connect one"),
    (["NotReadableError", "Could not start"], "granted", "another program. Close it"),
]
SIZE = "document.querySelector('[data-part=theirs]').video"
# What sticks out of the page, but for tables, which scroll in boxes of their own.
BEYOND = """width => [...document.querySelectorAll('body *')]
  .filter((each) => each.getBoundingClientRect().right > width && !each.closest('.scroll'))
  .map(({ outerHTML }) => outerHTML.slice(0, 100))"""
SENT = "window.connections.at(-1).getSenders().map(({ track }) => track?.label ?? '').join()"


@pytest.fixture(scope="module")
def program():
    """The whole Chromium: its headless shell knows a microphone by another name after each reload."""
    if found := shutil.which("chromium"):
        return found
    pytest.skip("chromium is not installed (Debian's package)")


def trouble(page):
    return page.locator("#call [data-part=trouble]")


def press(page, name):
    page.get_by_role("button", name=name).click()


def events(server, name, expected, role="customer"):
    """Wait until the customer `name`'s session has just the `expected` kinds of events of `role`'s page."""
    deadline = time.monotonic() + 5
    while (told := told_by(server, name, role)) != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    assert told == expected


def told_by(server, name, role):
    rows = server.rows(
        "SELECT event.kind FROM sessions_app_callevent event JOIN sessions_app_supportsession session"
        " ON session.id = event.session_id WHERE session.name = ? AND event.role = ? ORDER BY event.id",
        name,
        role,
    )
    return [row["kind"] for row in rows]


def taken(people, name, script, way=""):
    desk, customer = people.staff(), people.person()
    customer.add_init_script(script)
    desk.goto("/admin/desk/")
    join(customer, name)
    if way:
        customer.get_by_label(way).check()
    take(desk, name)
    return desk, customer


def test_each_refusal_says_what_to_do_and_asking_again_brings_the_picture(people, server):
    desk, customer = taken(people, "Mia", f"{ANSWERING}\nwindow.refusal = ['AbortError', ''];")
    expect(trouble(customer)).to_contain_text("in use by another program")
    for refusal, permission, sentence in REFUSALS:
        customer.evaluate("answer => Object.assign(window, answer)", {"refusal": refusal, "permission": permission})
        press(customer, "Ask again")
        expect(trouble(customer)).to_contain_text(sentence)
    events(server, "Mia", ["media_busy", "media_denied", "media_missing"])
    expect(said(customer)).to_have_text("The call is connected.", timeout=15_000)
    customer.evaluate("delete window.refusal")
    press(customer, "Ask again")
    until(desk, PICTURES)
    expect(trouble(customer)).to_be_empty()
    expect(customer.get_by_role("button", name="Ask again")).to_be_hidden()
    hand_back(desk, customer)


def test_who_closes_the_question_is_not_asked_twice(people, server):
    script = f"{ANSWERING}\nwindow.refusal = ['NotAllowedError', 'Permission dismissed']; window.permission = 'prompt';"
    desk, customer = taken(people, "Milo", script)
    expect(said(customer)).to_have_text("The call is connected.", timeout=15_000)
    assert customer.evaluate("window.asked") == 1
    hand_back(desk, customer)


def test_a_page_without_https_says_that_browsers_give_no_camera_to_it(people, server):
    # As browsers do on such pages.
    script = "delete Navigator.prototype.mediaDevices; delete Crypto.prototype.randomUUID;"
    desk, customer = taken(people, "Moe", script)
    expect(trouble(customer)).to_contain_text("begins with https")
    expect(customer.get_by_role("button", name="Ask again")).to_be_hidden()
    expect(customer.get_by_role("button", name="Share screen")).to_be_hidden()
    events(server, "Moe", ["media_insecure"])
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    hand_back(desk, customer)


def test_a_browser_that_cannot_call_is_told_so_while_its_user_still_waits(people, server):
    customer = people.person()
    customer.add_init_script("delete window.RTCPeerConnection;")
    join(customer, "Mona")
    expect(customer.locator("#unable")).to_contain_text("Open this page in a current Firefox")


def test_who_only_writes_is_not_asked_and_may_show_themselves_later(people, server):
    desk, customer = taken(people, "Nia", ANSWERING, "In writing only")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    expect(desk.locator(".no-picture")).to_be_visible()
    expect(customer.locator("[data-part=ours]")).to_be_hidden()
    assert customer.evaluate("window.asked") == 0
    customer.fill("#call-text", "I cannot speak here")
    press(customer, "Send")
    expect(desk.locator("#call .log")).to_contain_text("I cannot speak here")
    told = reports(server, "Nia", CONNECTED)
    assert told["staff"]["first_frame_ms"] is None
    assert told["customer"]["first_frame_ms"] > 0

    customer.get_by_label("With picture and sound").check()
    until(desk, PICTURES)
    expect(desk.locator(".no-picture")).to_be_hidden()
    customer.get_by_label("With sound only").check()
    expect(desk.locator(".no-picture")).to_be_visible()
    expect(customer.locator("[data-part=ours]")).to_be_hidden()
    assert customer.evaluate("window.connections.length") == 1
    customer.reload()
    expect(customer.get_by_label("With sound only")).to_be_checked()
    expect(said(customer)).to_have_text("The call is connected.", timeout=15_000)
    assert "Audio" in customer.evaluate(SENT)
    assert "fake_device" not in customer.evaluate(SENT)
    hand_back(desk, customer)


def test_another_microphone_is_used_at_once_and_remembered(people, server):
    desk, customer = taken(people, "Nils", ANSWERING)
    expect(said(customer)).to_have_text("The call is connected.", timeout=15_000)
    assert customer.evaluate(SENT) == "Fake Default Audio Input,fake_device_0"
    customer.get_by_label("Microphone").select_option("Fake Audio Input 2")
    until(customer, f"{SENT} === 'Fake Audio Input 2,fake_device_0'")
    assert customer.evaluate("window.connections.length") == 1
    press(customer, "Mute")
    customer.get_by_label("Microphone").select_option("Fake Audio Input 1")
    until(customer, f"{SENT} === 'Fake Audio Input 1,fake_device_0'")
    assert customer.evaluate("window.connections[0].getSenders()[0].track.enabled") is False
    customer.reload()
    expect(said(customer)).to_have_text("The call is connected.", timeout=15_000)
    assert customer.evaluate(SENT) == "Fake Audio Input 1,fake_device_0"
    expect(customer.get_by_label("Microphone")).not_to_have_value("")
    hand_back(desk, customer)


def test_a_shared_screen_is_seen_until_it_is_taken_back_here_or_in_the_browser(people, server):
    desk, customer = taken(people, "Noa", ANSWERING)
    screen = customer.get_by_role("button", name="Share screen")
    until(desk, f"{SIZE}Width === 640")
    for end in (
        screen.click,
        lambda: customer.evaluate("window.connections[0].getSenders()[1].track.dispatchEvent(new Event('ended'))"),
    ):
        screen.click()
        until(desk, f"{SIZE}Width / {SIZE}Height > 1.7")
        expect(screen).to_have_attribute("aria-pressed", "true")
        end()
        expect(screen).to_have_attribute("aria-pressed", "false")
        until(desk, f"{SIZE}Width / {SIZE}Height < 1.4")
    events(server, "Noa", ["screen_shared", "screen_shared"])
    assert customer.evaluate("window.connections.length") == 1
    hand_back(desk, customer)


def test_who_hung_up_can_call_again(people, server):
    desk, customer = in_call(people, "Olga")
    press(customer, "Hang up")
    expect(said(desk)).to_have_text("The other side has left the call.")
    press(desk, "Call again")
    expect(said(customer)).to_have_text("The other side calls again.")
    press(customer, "Call again")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
        until(page, PICTURES)
    hand_back(desk, customer)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_call_is_used_by_keyboard_on_any_screen(people, server, width, scheme):
    look = {"viewport": {"width": width, "height": 860}, "color_scheme": scheme}
    name = f"Otto {width}"
    desk, customer = people.staff(**look), people.person(**look)
    desk.goto("/admin/desk/")
    join(customer, name)
    take(desk, name)
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
        assert page.evaluate(BEYOND, width) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        mute = page.get_by_role("button", name="Mute")
        mute.focus()
        page.keyboard.press("Enter")
        expect(mute).to_have_attribute("aria-pressed", "true")
        for following in ("Camera off", "Share screen", "Hang up"):
            page.keyboard.press("Tab")
            button = page.get_by_role("button", name=following)
            expect(button).to_be_focused()
            expect(button).to_have_css("outline-style", "solid")
            assert min(button.bounding_box()["width"], button.bounding_box()["height"]) >= 24
        page.keyboard.press("Tab")
        expect(page.locator("#call .log")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.type("By keyboard")
        page.keyboard.press("Enter")
    for page in (desk, customer):
        expect(page.locator("#call .log")).to_contain_text("The other side: By keyboard")
    hand_back(desk, customer)


def test_pages_may_use_camera_microphone_and_screen_and_nobody_else_may(people, server):
    allowed = people.person().goto("/").headers["permissions-policy"]
    for feature in ("camera", "microphone", "display-capture"):
        assert f"{feature}=(self)" in allowed
