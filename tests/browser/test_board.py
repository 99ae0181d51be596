"""The board's formulas: under the pointer, at the keyboard's focus and by a tap, while the numbers go on."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import DESK

BOARD = f"{DESK}board/"


@pytest.fixture
def board(people):
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.goto(BOARD)
    expect(page.locator("#live")).to_have_text("live")
    return page


def test_a_formula_opens_under_the_pointer_and_goes_with_it(board):
    board.hover("#about-service_level h3")
    expect(board.locator("#formula-service_level")).to_be_visible()
    board.hover("#about-now-waiting h3")
    expect(board.locator("#formula-service_level")).to_be_hidden()
    expect(board.locator("#formula-now-waiting")).to_contain_text("whom nobody has taken")


def test_a_formula_opens_with_the_keyboards_focus_and_stays_while_the_numbers_are_pushed(board):
    board.evaluate("document.querySelector('#board-now').dataset.seen = 'once'")
    board.locator("#define-now-waiting").press("Tab")  # as the keyboard does, from one to the next
    expect(board.locator("#define-now-longest")).to_be_focused()
    expect(board.locator("#formula-now-longest")).to_be_visible()
    expect(board.locator("#formula-now-waiting")).to_be_hidden()
    expect(board.locator("#board-now[data-seen]")).to_have_count(0)  # drawn anew by a push
    expect(board.locator("#define-now-longest")).to_be_focused()
    expect(board.locator("#formula-now-longest")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.locator("#formula-now-longest")).to_be_hidden()


def test_a_tap_on_a_phone_opens_a_formula_that_is_whole_on_the_screen(people):
    page = people.staff(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto(BOARD)
    for name in ("now-expected", "service_level", "occupancy"):
        page.tap(f"#define-{name}")
        formula = page.locator(f"#formula-{name}")
        expect(formula).to_be_visible()
        box = formula.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    assert page.locator(".formula:visible").count() == 1
    page.tap("#over")
    assert page.locator(".formula:visible").count() == 0


def test_without_scripts_a_formula_still_opens_at_the_focus(people):
    page = people.staff()
    quiet = people.person(storage_state=page.context.storage_state(), java_script_enabled=False)
    quiet.goto(BOARD)
    expect(quiet.locator("#formula-asa")).to_be_hidden()
    quiet.focus("#define-asa")
    expect(quiet.locator("#formula-asa")).to_be_visible()
