"""A customer and a member of staff see, hear and write to each other, in two real browsers."""

from playwright.sync_api import expect

from tests.browser.test_first_day import join, leave

PICTURES = "document.querySelector('[data-part=theirs]').videoWidth > 0"
# Hangs up as soon as the call is connected.
AT_ONCE = """
document.addEventListener("DOMContentLoaded", () => {
  const call = document.getElementById("call");
  new MutationObserver((_, observer) => {
    if (call?.dataset.state !== "connected") return;
    observer.disconnect();
    call.querySelector("[data-part=hangup]").click();
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
});"""


def take(desk, name):
    desk.locator("#queue tr", has_text=name).get_by_role("button").click()
    expect(desk.locator("#mine")).to_contain_text(name)


def said(page):
    return page.locator("#call [data-part=state]")


def sees_the_other(page):
    # Not wait_for_function: its second try is an eval, which the pages' policy forbids.
    expect(page.locator("[data-part=theirs]")).not_to_have_js_property("videoWidth", 0)


def in_call(people, name):
    desk = people.staff()
    desk.goto("/admin/desk/")
    customer = join(people.person(), name)
    take(desk, name)
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    return desk, customer


def hand_back(desk, customer):
    leave(customer)
    expect(desk.locator("#mine")).to_contain_text("You have no customer")


def test_both_see_each_other_and_what_they_write(people, server):
    desk, customer = in_call(people, "Ria")
    for page in (desk, customer):
        sees_the_other(page)
    customer.fill("#call-text", "It is <b>on fire</b>")
    customer.get_by_role("button", name="Send").click()
    expect(desk.locator("#call .log")).to_contain_text("It is <b>on fire</b>")
    expect(desk.locator("#mine .pill")).to_contain_text("Connected")
    hand_back(desk, customer)


def test_a_reload_in_the_middle_of_a_call_connects_again(people, server):
    desk, customer = in_call(people, "Tove")
    customer.reload()
    expect(said(customer)).to_have_text("The call is connected.", timeout=15_000)
    expect(said(desk)).to_have_text("The call is connected.")
    sees_the_other(customer)
    hand_back(desk, customer)


def test_who_hangs_up_at_once_is_not_called_again_by_late_news(people, server):
    """The server tells that a call is connected up to a second after it was."""
    desk, customer = people.staff(), people.person()
    customer.add_init_script(AT_ONCE)
    desk.goto("/admin/desk/")
    join(customer, "Ulla")
    take(desk, "Ulla")
    for _ in range(2):
        expect(said(customer)).to_have_text("The call is over.")
        expect(said(desk)).to_have_text("The other side has left the call.")
        expect(desk.locator("#mine .pill")).to_contain_text("Connected")
        desk.wait_for_timeout(1_000)
    hand_back(desk, customer)


def test_after_a_call_the_customer_reads_who_has_left_it_and_what_they_can_do(people, server):
    desk, customer = in_call(people, "Uma")
    place, after = customer.locator("#status .place"), customer.get_by_text("Your session is still open")
    expect(place).to_have_text("You are connected to a member of our staff.")
    expect(after).to_be_hidden()
    desk.get_by_role("button", name="Hang up").click()
    expect(said(desk)).to_have_text("The call is over.")
    for told in (said(customer), place):
        expect(told).to_have_text("The other side has left the call.")
    expect(after).to_be_visible()
    customer.get_by_role("button", name="Call again").click()
    expect(after).to_be_hidden()
    desk.get_by_role("button", name="Call again").click()
    expect(place).to_have_text("You are connected to a member of our staff.")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    customer.get_by_role("button", name="Hang up").click()
    expect(said(desk)).to_have_text("The other side has left the call.")
    expect(place).to_have_text("You have left the call.")
    expect(after).to_be_visible()
    hand_back(desk, customer)
