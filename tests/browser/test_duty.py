"""A member of staff's day at the console: on duty, a pause, a call, what is written of it, and off duty again."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, People
from tests.browser.test_call import take
from tests.browser.test_first_day import join, leave
from tests.server import serving


def press(desk, name):
    desk.locator("#duty").get_by_role("button", name=name, exact=True).click()


def says(desk, words):
    expect(desk.locator("#duty .state")).to_contain_text(words)


def test_a_day_of_duty(people, picture):
    desk = people.staff()
    desk.goto("/admin/desk/")
    if desk.locator("#stop").is_visible():
        press(desk, "Stop work")
    says(desk, "Off duty")
    press(desk, "Start work")
    says(desk, "Available")
    desk.get_by_label("Reason for the pause").select_option("Meeting")
    press(desk, "Pause")
    says(desk, "Paused: Meeting")
    expect(desk.locator("#queue .staff")).to_contain_text("Paused: Meeting")
    picture(desk, "duty-paused")

    customer = join(people.person(), "Ottilie")
    take(desk, "Ottilie")
    says(desk, "In a call")
    expect(desk.locator("#mine .pill")).to_contain_text("Connected", timeout=15_000)
    expect(desk.locator("#duty").get_by_role("button")).to_have_count(0)
    desk.locator("#mine").get_by_label("Note").fill("Wants an inv")
    leave(customer)
    says(desk, "Wrap-up")  # pushed: nobody has pressed anything here
    expect(desk.locator("#duty")).to_contain_text("What was it with Ottilie?")
    note = desk.locator("#duty").get_by_label("Note")
    expect(note).to_have_value("Wants an inv")
    note.fill("Wants an invoice.")
    desk.locator("#duty").get_by_label("Outcome").select_option("Needs a follow-up")
    picture(desk, "duty-wrap-up")
    pushed_at = desk.locator("#figures").get_attribute("data-now")
    expect(desk.locator("#figures")).not_to_have_attribute("data-now", pushed_at)
    expect(note).to_have_value("Wants an invoice.")
    press(desk, "Save, and be ready")
    says(desk, "Available")
    expect(desk.locator("#duty")).not_to_contain_text("Ottilie")
    press(desk, "Stop work")
    says(desk, "Off duty")

    desk.goto("/admin/desk/sessions/")
    desk.locator("tbody th a").first.click()
    expect(desk.locator("body")).to_contain_text("Ottilie")
    expect(desk.locator("body")).to_contain_text("Wants an invoice.")


@pytest.fixture
def hasty(chromium, tmp_path):
    """People at a desk of the test's own, whose wrap-up is over when one has hardly begun to write."""
    with serving(tmp_path, DESK_WRAP_UP_S="3") as server:
        server.add_superuser("ana", PASSWORD)
        people = People(chromium, server)
        yield people
        people.leave()
        assert people.complaints == []


def test_who_is_still_writing_when_wrap_up_runs_out_loses_nothing(hasty):
    desk = hasty.staff()
    desk.goto("/admin/desk/")
    customer = join(hasty.person(), "Perpetua")
    take(desk, "Perpetua")
    expect(desk.locator("#mine .pill")).to_contain_text("Connected", timeout=15_000)
    leave(customer)
    says(desk, "Wrap-up")
    note = desk.locator("#duty").get_by_label("Note")
    note.fill("Half a sentence")
    says(desk, "Available")
    expect(note).to_have_value("Half a sentence")
    expect(note).to_be_focused()
    press(desk, "Save, and be ready")
    expect(desk.locator("#duty")).not_to_contain_text("Perpetua")
    desk.goto("/admin/desk/sessions/")
    desk.locator("tbody th a").first.click()
    expect(desk.locator("body")).to_contain_text("Half a sentence")
