"""The documentation's screenshots, taken of a simulated desk day. `make pictures` renews them."""

import threading

from playwright.sync_api import expect


def test_pictures_of_a_busy_desk(people, picture, server):
    assert server.manage("demo_staff", "--count", "3").returncode == 0
    simulation = threading.Thread(
        target=server.manage,
        args=("simulate", "--customers=100", "--staff=3", "--speed=200", f"--url={server.url}", "--seed=3"),
    )
    simulation.start()
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.goto("/admin/desk/")
    expect(page.locator("#queue tbody tr").nth(5)).to_be_visible(timeout=60_000)
    picture(page, "desk")
    page.goto("/admin/monitoring/panel/")
    expect(page.locator(".mark").first).to_have_text("live")
    page.wait_for_timeout(12_000)  # for the numbers of a few minutes
    picture(page, "overview")
    page.goto("/admin/monitoring/panel/bottlenecks/")
    picture(page, "bottlenecks")
    page.goto("/admin/monitoring/panel/jobs/")
    page.locator("tr", has_text="notify_staff").locator("a[href*='/traces/']").first.click()
    expect(page.locator("body")).to_contain_text("job.wait")
    picture(page, "trace")
    simulation.join(120)
    assert not simulation.is_alive()
