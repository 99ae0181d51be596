"""The server goes away and comes back: open pages say so, lose nothing and need no reload."""

import re
import signal

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, People
from tests.browser.test_first_day import join
from tests.server import serving


def test_open_pages_survive_a_server_that_is_killed(chromium, tmp_path):
    with serving(tmp_path) as server:
        server.add_superuser("ana", PASSWORD)
        people = People(chromium, server)
        desk, customer = people.staff(), join(people.person(), "Cy")
        desk.goto("/admin/desk/")
        overview = desk.context.new_page()
        overview.goto("/admin/monitoring/panel/")
        for mark in (desk.locator("#live"), overview.locator("#live"), customer.locator("#mark")):
            expect(mark).to_have_text("live")

        server.stop("serve", signal.SIGKILL)
        expect(customer.locator("#mark")).to_contain_text("offline")
        expect(desk.locator("#live")).to_have_text(re.compile("delayed by|offline"), timeout=15_000)

        server.start("serve")
        for mark in (desk.locator("#live"), overview.locator("#live"), customer.locator("#mark")):
            expect(mark).to_have_text("live", timeout=30_000)
        expect(customer.locator("#status .place")).to_contain_text("You are next")
        join(people.person(), "Di")
        expect(desk.locator("#queue")).to_contain_text("Di")
        people.leave()


def test_a_tab_that_is_closed_for_too_long_gives_its_place_up(chromium, tmp_path):
    with serving(tmp_path, DESK_GONE_AFTER="5") as server:
        server.add_superuser("ana", PASSWORD)
        people = People(chromium, server)
        desk = people.staff()
        desk.goto("/admin/desk/")
        gone, _stays = join(people.person(), "Cy"), join(people.person(), "Di")
        expect(desk.locator("#queue tbody tr")).to_have_count(2)
        gone.close()
        expect(desk.locator("#queue tbody tr")).to_have_count(1, timeout=15_000)
        desk.get_by_role("button", name="Take the next customer").click()
        expect(desk.locator("#mine")).to_contain_text("Di")
        people.leave()
