"""The formulas behind the console's figures are there for those who have no mouse, and stay while numbers move."""

from playwright.sync_api import expect


def test_the_formulas_open_by_keyboard_and_stay_open_while_figures_are_pushed(people):
    desk = people.staff()
    desk.goto("/admin/desk/")
    expect(desk.locator("#live")).to_have_text("live")
    desk.locator(".formulas summary").focus()
    desk.keyboard.press("Enter")
    formula = desk.locator(".formulas dd").first
    expect(formula).to_contain_text("answered within 20 s / (answered + abandoned")
    pushed_at = desk.locator("#figures").get_attribute("data-now")
    expect(desk.locator("#figures")).not_to_have_attribute("data-now", pushed_at)
    expect(formula).to_be_visible()
    expect(desk.locator(".formulas summary")).to_be_focused()
    assert desk.locator("#figures [title]").first.get_attribute("title")
