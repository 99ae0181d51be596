"""The jobs page in a browser: acting by mouse and by keyboard, lists that are fresh without a reload, manners."""

import re
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.browser import rules
from tests.browser.pages import PANEL
from tests.browser.test_manner import SHIFTS, turn

JOBS = f"{PANEL}jobs/"
names = count(1)
# Runs that failed for good: their function is there and works, or works as soon as there is a file.
FAILED = """
import time
from datetime import timedelta
from uuid import uuid4
from django.utils.timezone import now
from monitoring.models import JobRun, Writer
from monitoring.job_arguments import packed
while (writer := Writer.objects.filter(role="web").order_by("seen_at").last()) is None:
    time.sleep(0.1)  # one that lives, or what is running would be interrupted
for number in range({many}):
    at = now() - timedelta(seconds=number)
    run = JobRun.objects.create(
        id=uuid4().hex, task_id=uuid4().hex, name={name!r}, func="tests.trial_jobs.mended", attempt=5, source="worker",
        args=packed([{file!r}], {{}}), status={status!r}, writer=writer.pk, enqueued_at=at,
        started_at=at, finished_at=at,
        outcome="It is broken : Traceback (most recent call last):\\n  in mended\\nOSError: It is broken",
    )
print(run.pk)
"""
LATER = 30_000  # ms: the lists are asked for every ten seconds


@pytest.fixture
def failed(server, tmp_path):
    """Makes runs that failed, under a name of their own; returns the name."""

    def make(many=1, name="", status="failed"):
        name = name or f"mended {next(names)}"
        code = FAILED.format(many=many, name=name, file=str(tmp_path / "file"), status=status)
        done = server.manage("shell", "-v0", "-c", code)
        assert done.returncode == 0, done.stderr
        make.last = done.stdout.split()[-1]
        return name

    return make


def boxes(page):
    return page.locator("#runs-fresh input[name=item]")


def list_of(page, name, status="failed"):
    page.goto(f"{JOBS}?status={status}&name={name}")
    expect(page.locator("#live")).to_have_text("live")


def tab_to(page, target):
    """Presses Tab, as somebody without a mouse does, until the focus is there."""
    for _press in range(150):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("Tab does not lead there")


def axe_clean(page):
    rules.keeps_all_in_either_theme(page)
    rules.fits_every_width(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_by_mouse_a_failed_job_is_retried_and_seen_to_succeed(people, failed, tmp_path, picture):
    name = failed()
    (tmp_path / "file").write_text("It works again.")
    page = people.staff(viewport={"width": 1280, "height": 900})
    list_of(page, name)
    boxes(page).click()
    expect(page.get_by_text("1 picked")).to_be_visible()
    page.get_by_role("button", name="Retry the picked").click()
    expect(page.get_by_role("heading", name="This will happen to 1 thing")).to_be_visible()
    axe_clean(page)
    picture(page, "jobs-confirm")
    page.get_by_role("button", name="Retry 1 run").click()
    expect(page.get_by_text("1 done.")).to_be_visible()
    axe_clean(page)
    picture(page, "jobs-done")
    page.get_by_role("link", name="Back to the jobs").click()
    expect(page.locator("#runs-fresh").get_by_text("retried by ana")).to_be_visible()
    page.locator("#runs-fresh tbody th a").click()
    page.get_by_role("link", name="The run that came of it").click(timeout=LATER)
    expect(page.get_by_text("It works again.")).to_be_visible()
    expect(page.locator("#status-fresh")).to_have_text(re.compile("succeeded"))


def test_by_keyboard_several_are_discarded_on_a_narrow_screen(people, failed):
    name = failed(3)
    page = people.staff(viewport={"width": 360, "height": 740})
    list_of(page, name)
    for number in range(2):
        tab_to(page, boxes(page).nth(number))
        page.keyboard.press("Space")
    tab_to(page, page.locator("#runs-fresh button[value=discard]"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This will happen to 2 things")).to_be_visible()
    expect(page.get_by_role("button", name="Discard 2 things")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 done.")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Back to the jobs"))
    page.keyboard.press("Enter")
    expect(boxes(page)).to_have_count(1)
    list_of(page, name, "discarded")
    expect(page.locator("#runs-fresh tbody tr")).to_have_count(2)
    expect(page.get_by_text("discarded by ana")).to_have_count(2)


def test_all_are_ticked_at_once_and_one_unticked_takes_it_back(people, failed):
    page = people.staff()
    list_of(page, failed(3))
    everything = page.locator("#runs-fresh [data-all]")
    everything.check()
    expect(page.locator("#runs-fresh input[name=item]:checked")).to_have_count(3)
    boxes(page).first.uncheck()
    expect(everything).not_to_be_checked()
    expect(page.get_by_text("2 picked")).to_be_visible()


def test_what_somebody_picks_stays_picked_while_the_page_lives(people, failed):
    name = failed(2)
    page = people.staff()
    list_of(page, name)
    boxes(page).first.check()
    picked = boxes(page).first.get_attribute("value")
    news = page.locator("#jobs-live").get_attribute("data-news")
    with page.expect_response(lambda answer: f"name={name}".replace(" ", "%20") in answer.url, timeout=LATER):
        failed(1, name)
    expect(page.locator("#jobs-live")).not_to_have_attribute("data-news", news)
    expect(page.locator("#states-fresh a[aria-current]")).to_contain_text("3")  # the rest of the page is fresh
    expect(boxes(page)).to_have_count(2)
    assert boxes(page).first.get_attribute("value") == picked
    expect(boxes(page).first).to_be_checked()
    boxes(page).first.uncheck()
    expect(boxes(page)).to_have_count(3, timeout=LATER)  # and now the list is, too


def test_the_focus_stays_where_it_is_when_a_list_is_renewed(people, failed):
    name = failed()
    page = people.staff()
    list_of(page, name)
    link = page.locator("#runs-fresh tbody a").first
    link.focus()
    address = link.get_attribute("href")
    failed(1, name)
    expect(boxes(page)).to_have_count(2, timeout=LATER)
    assert page.evaluate("document.activeElement.getAttribute('href')") == address


def test_nothing_jumps_while_the_page_lives(people, failed):
    name = failed()
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.add_init_script(SHIFTS)
    list_of(page, name)
    failed(2, name)
    expect(boxes(page)).to_have_count(3, timeout=LATER)
    shifts = page.evaluate("window.shifts")
    assert sum(shifts) < 0.01, shifts


def test_the_pages_of_a_run_and_of_its_job_follow_it_to_its_end(people, failed, server):
    name = failed(status="running")
    run, job = people.staff(), people.staff()
    for page, address in ((run, f"{JOBS}runs/{failed.last}/"), (job, f"{JOBS}{name}/")):
        page.goto(address)
        expect(page.locator("#live")).to_have_text("live")
    expect(run.locator("#status-fresh")).to_contain_text("running")
    expect(job.locator("#runs-fresh tbody")).to_contain_text("running")
    ended = f"JobRun.objects.filter(name={name!r}).update(status='success', outcome='Well done.')"
    done = server.manage("shell", "-c", f"from monitoring.models import JobRun; {ended}")
    assert done.returncode == 0, done.stderr
    expect(run.locator("#status-fresh")).to_contain_text("succeeded", timeout=LATER)
    expect(run.locator("#outcome-fresh")).to_contain_text("Well done.")
    expect(job.locator("#runs-fresh tbody")).to_contain_text("succeeded", timeout=LATER)
    expect(job.locator("#facts-fresh")).to_contain_text("Succeeded 100")


# Right after a push, so that none is on its way meanwhile.
SCROLLED = """() => new Promise(done => document.addEventListener("htmx:wsAfterMessage", () => {
    document.querySelector("#workers-box").scrollTo(60, 0);
    done();
}, {once: true}))"""


def test_a_table_that_is_pushed_stays_where_it_was_scrolled_to(people):
    page = people.staff(viewport={"width": 360, "height": 740})
    page.goto(JOBS)
    expect(page.locator("#live")).to_have_text("live")
    workers = page.locator("#workers-box")
    page.evaluate(SCROLLED)
    before = page.locator("#jobs-live").get_attribute("data-at")
    expect(page.locator("#jobs-live")).not_to_have_attribute("data-at", before)
    expect(workers).to_have_js_property("scrollLeft", 60)


def test_without_a_socket_the_lists_are_fresh_as_well(people, failed):
    name = failed()
    page = people.staff()
    page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    page.goto(f"{JOBS}?status=failed&name={name}")
    failed(1, name)
    expect(boxes(page)).to_have_count(2, timeout=2 * LATER)


def test_a_hidden_page_asks_for_no_lists(people, failed):
    name = failed()
    page = people.staff()
    list_of(page, name)
    turn(page, hidden=True)
    failed(1, name)
    page.wait_for_timeout(12_000)
    expect(boxes(page)).to_have_count(1)
    turn(page, hidden=False)
    expect(boxes(page)).to_have_count(2, timeout=LATER)


def test_the_first_screen_takes_few_bytes_and_a_runs_page_breaks_no_rule(people, failed, picture):
    name = failed(60)
    page = people.staff(viewport={"width": 1280, "height": 900})
    assert len(page.goto(f"{JOBS}?status=failed&name={name}").body()) < 60_000
    axe_clean(page)
    page.goto(f"{JOBS}runs/{failed.last}/")
    expect(page.get_by_text("It is broken", exact=True)).to_be_visible()
    expect(page.get_by_text("in mended")).not_to_be_visible()
    page.get_by_text("Traceback", exact=True).click()
    expect(page.get_by_text("in mended")).to_be_visible()
    axe_clean(page)
    picture(page, "job-run")


def test_times_are_drawn_when_somebody_comes_to_see_them(people, failed):
    page = people.staff(viewport={"width": 1280, "height": 500})
    for address in (JOBS, f"{JOBS}queue_sweep/"):
        came = page.goto(address).text()  # a short page shows the place of the times at once
        assert "Show how long jobs waited and ran" in came
        assert "<figure" not in came
        page.locator("[data-times]").scroll_into_view_if_needed()
        expect(page.locator("[data-times] figure")).to_have_count(2)


def test_without_javascript_the_numbers_stand_and_a_row_can_be_picked(people, failed):
    name = failed(2)
    page = people.staff()
    plain = people.person(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto(f"{JOBS}?status=failed&name={name}")
    plain.locator("#runs-fresh [data-all]").check()
    plain.get_by_role("button", name="Discard the picked").click()
    plain.get_by_role("button", name="Discard 2 things").click()
    expect(plain.get_by_text("2 done.")).to_be_visible()
    plain.goto(JOBS)
    plain.get_by_role("link", name="Show how long jobs waited and ran").click()
    expect(plain.locator("[data-times] figure")).to_have_count(2)
