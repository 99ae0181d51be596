"""A desk that is closed takes a message, and staff call back whoever left it; those who wait hear when staff go."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, People
from tests.browser.test_call import said
from tests.browser.test_first_day import join
from tests.server import serving


def hours_without(now: datetime) -> str:
    """An hour three days from now, in the desk's own words."""
    return f"{(now + timedelta(days=3)).strftime('%a').lower()} 09:00-10:00"


@contextmanager
def desk_of_its_own(chromium, folder, **settings):
    with serving(folder, **settings) as server:
        server.add_superuser("ana", PASSWORD)
        people = People(chromium, server)
        yield people
        people.leave()
        assert people.complaints == []


@pytest.fixture
def closed(chromium, tmp_path):
    with desk_of_its_own(chromium, tmp_path, DESK_HOURS=hours_without(datetime.now(UTC))) as people:
        yield people


@pytest.fixture
def unattended(chromium, tmp_path):
    """Where nobody has begun to work, whatever other tests do meanwhile."""
    with desk_of_its_own(chromium, tmp_path) as people:
        yield people


def test_a_message_left_at_a_closed_desk_is_called_back(closed, picture):
    customer = closed.person()
    customer.goto("/")
    expect(customer.locator(".notice")).to_contain_text("The desk is closed. It opens again on")
    customer.get_by_label("Your name").fill("Xenia <i>")
    customer.get_by_label("Where do we reach you?").fill("xenia@example.org")
    customer.get_by_label("Your message").fill("Please call me about\nan invoice & a <b>question</b>.")
    picture(customer, "closed-desk")
    customer.get_by_role("button", name="Send the message").click()
    expect(customer.locator("#status .place")).to_have_text("Your message is with us.")
    expect(customer.locator("#mark")).to_have_text("live")
    expect(customer.locator("#here")).to_contain_text("xenia@example.org")
    picture(customer, "message-left")

    desk = closed.staff()
    desk.goto("/admin/desk/")
    listed = desk.locator("#callbacks li", has_text="Xenia <i>")
    expect(listed).to_contain_text("an invoice & a <b>question</b>.")
    picture(desk, "callbacks", full_page=True)
    listed.get_by_role("button", name="Call Xenia <i> back").click()
    expect(desk.locator("#mine")).to_contain_text("xenia@example.org")
    # Whose page is still open is there at once.
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    picture(desk, "called-back", full_page=True)

    desk.get_by_role("button", name="Not reached").click()
    expect(customer.locator("#status .place")).to_have_text("Your message is with us.")
    expect(customer.locator("#call")).to_be_hidden()
    listed.get_by_role("button").click()
    expect(desk.locator("#mine")).to_contain_text("xenia@example.org")
    desk.select_option("#mine select", "resolved")
    desk.fill("#mine textarea", "Told her.")
    desk.click("#end")
    expect(desk.locator("#mine")).to_contain_text("You have no customer")
    expect(desk.locator("#callbacks li")).to_have_count(0)
    expect(customer.locator("#status .place")).to_have_text("This session is over.")


def test_who_waits_is_offered_to_leave_a_message_when_the_last_member_of_staff_goes(unattended):
    desk = unattended.staff()
    desk.goto("/admin/desk/")
    desk.get_by_role("button", name="Start work").click()
    waiting = join(unattended.person(), "Yorick")
    expect(waiting.locator("#status")).not_to_contain_text("Nobody is at the desk")
    message = waiting.get_by_label("Your message")
    expect(message).to_be_hidden()
    desk.get_by_role("button", name="Stop work").click()
    expect(waiting.locator("#status")).to_contain_text("Nobody is at the desk at the moment.")
    expect(message).to_be_visible()
    message.fill("Another time, then.")
    waiting.get_by_label("Where do we reach you?").fill("+90 312 000 0000")
    waiting.get_by_role("button", name="Send the message instead of waiting").click()
    expect(waiting.locator("#status .place")).to_have_text("Your message is with us.")
    expect(desk.locator("#queue")).not_to_contain_text("Yorick")
    expect(desk.locator("#callbacks")).to_contain_text("Yorick")
    waiting.get_by_role("button", name="Withdraw the message").click()
    expect(desk.locator("#callbacks")).not_to_contain_text("Yorick")
