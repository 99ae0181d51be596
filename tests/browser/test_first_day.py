"""A new user's first day: join as a customer, take them as staff, watch the numbers move."""

import re

from playwright.sync_api import expect


def join(page, name, topic=""):
    page.goto("/")
    page.fill("[name=name]", name)
    page.fill("[name=topic]", topic)
    page.click("main button")
    page.wait_for_url("**/s/**")
    return page


def leave(page):
    page.get_by_role("button", name="Leave").click()


def figure(page, label):
    """A number on the desk's console, by its label."""
    return page.locator("#figures div", has_text=re.compile(f"^{label}")).locator("dd")


def test_a_customer_joins_is_taken_and_served_and_every_page_shows_it_without_a_reload(people):
    desk, overview = people.staff(), people.staff()
    desk.goto("/admin/desk/")
    overview.goto("/admin/monitoring/panel/")
    expect(desk.locator("#live")).to_have_text("live")
    expect(overview.locator(".mark").first).to_have_text("live")
    before = overview.locator("#overview").get_attribute("data-at")
    joined_before = overview.locator(".tile", has_text="Customers who joined").locator(".figure").inner_text()

    customer = join(people.person(), "Cy <b>Twombly</b>", "An invoice & a question")
    expect(customer.locator("#status .place")).to_contain_text("You are next")
    expect(customer.locator("#mark")).to_have_text("live")

    row = desk.locator("#queue tr", has_text="Cy <b>Twombly</b>")
    expect(row).to_contain_text("An invoice & a question")
    row.get_by_role("button").click()
    expect(desk.locator("#mine")).to_contain_text("Cy <b>Twombly</b>")
    expect(customer.locator("#status .place")).to_contain_text("connected")
    expect(desk.locator("#mine .pill")).to_contain_text("Connected")

    desk.select_option("#mine select", "resolved")
    desk.fill("#mine textarea", "Sent the invoice again.")
    desk.click("#end")
    expect(desk.locator("#mine")).to_contain_text("You have no customer")
    expect(customer.locator("#status .place")).to_contain_text("over")

    expect(overview.locator("#overview")).not_to_have_attribute("data-at", before)
    expect(overview.locator(".tile", has_text="Customers who joined").locator(".figure")).not_to_have_text(
        joined_before
    )


def test_a_reload_keeps_the_place_and_leaving_gives_it_up(people):
    first, second = join(people.person(), "Cy"), join(people.person(), "Di")
    expect(second.locator("#status .place")).to_contain_text("2")
    first.reload()
    expect(first.locator("#status .place")).to_contain_text("You are next")
    leave(first)
    expect(second.locator("#status .place")).to_contain_text("You are next")
    leave(second)
    expect(second.locator("body")).to_contain_text("Join")


def test_without_javascript_the_page_still_tells_and_asks_again(people):
    page = join(people.person(java_script_enabled=False), "Cy")
    expect(page.locator("#status .place")).to_contain_text("You are next")
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "10"
    leave(page)


def test_what_is_said_of_a_customer_who_does_not_answer_fits_a_narrow_screen(people):
    desk = people.staff(viewport={"width": 360, "height": 800})
    desk.goto("/admin/desk/")
    join(people.person(java_script_enabled=False), "Quinn")
    desk.locator("#queue tr", has_text="Quinn").get_by_role("button").click()
    expect(desk.locator("#mine .pill")).to_contain_text("their page has not answered yet")
    assert 0 < desk.evaluate("document.querySelector('#mine .pill').getBoundingClientRect().right") <= 360


def test_from_a_job_to_the_request_that_enqueued_it(people):
    """The notice that a customer waits is a worker's job; its trace begins at the form that the customer sent."""
    join(people.person(), "Cy")
    page = people.staff()
    page.goto("/admin/monitoring/panel/jobs/")
    page.locator("tr", has_text="notify_staff").locator("a[href*='/traces/']").first.click()
    waterfall = page.locator("#content")
    for _ in range(20):  # the job may run yet, and each process writes its spans once a second
        if "POST join" in waterfall.inner_text() and "running" not in waterfall.inner_text():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    for name in ("POST join", "desk.join", "enqueue.notify_staff", "job.wait", "job.notify_staff"):
        expect(waterfall).to_contain_text(name)


def test_the_pages_speak_turkish_to_those_who_do(people):
    page = people.person(locale="tr-TR")
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "tr"
    expect(page.locator("h1")).not_to_have_text("How can we help?")
