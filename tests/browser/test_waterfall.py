"""A trace of 10,000 spans in a real browser: rows come as they are needed, and the keys work."""

import re

import pytest
from playwright.sync_api import expect

TRACE, SMALL, SPANS = "e" * 32, "f" * 32, 10_000
PLANTED = f"""
from datetime import timedelta
from django.utils.timezone import now
from monitoring.models import Span
began, ms = now() - timedelta(minutes=1), timedelta(milliseconds=1)
def span(number, parent, ms_after, duration, name):
    return Span(
        trace_id="{TRACE}", span_id=f"{{number:016x}}", parent_id=f"{{parent:016x}}" if parent else "", name=name,
        kind="internal", service="adminara", role="web", started_at=began + ms_after * ms, duration_ms=duration,
        status="unset", local_root=not parent, attributes={{"number": f"no. {{number}}"}},
    )
spans = [span(1, 0, 0, {SPANS}, "request")]
for number in range(2, {SPANS} + 1):
    first = number - (number - 2) % 100
    spans.append(span(number, 1 if number == first else first, number, 99 if number == first else 0.5, "work"))
small = [span(1, 0, 0, 50, "request"), *(span(number, 1, number, 0.5, "work") for number in range(2, 41))]
for one in small:
    one.trace_id = "{SMALL}"
Span.objects.bulk_create(spans + small)
"""
TRACES = "/admin/monitoring/panel/traces/"
PAGE = f"{TRACES}{TRACE}/"
# Tasks of 50 ms and more, as the browser tells them.
TASKS = """
window.tasks = [0];
new PerformanceObserver((list) => list.getEntries().forEach((task) => window.tasks.push(task.duration)))
  .observe({ type: "longtask", buffered: true });"""
UNTOLD = 50.0  # ms: no shorter task is told of
ROUNDS = 3


def row(page, number):
    return page.locator(f"#span-{number:016x}")


@pytest.fixture(scope="module")
def planted(server):
    made = server.manage("shell", "-c", PLANTED)
    assert made.returncode == 0, made.stderr


def longest_task(page, trace):
    """Of opening a trace, having more of its rows if there are any, and closing one, in milliseconds."""
    page.goto(f"{TRACES}{trace}/")
    rows = page.locator(".waterfall .span")
    some = rows.count()
    rows.last.scroll_into_view_if_needed()
    if page.locator(".later").count():
        expect(rows).to_have_count(2 * some)
    page.locator(".twist").first.click()
    expect(rows).to_have_count(1)
    page.wait_for_timeout(100)  # the browser tells of a task after it
    return float(page.evaluate("Math.max(...window.tasks)"))


def test_a_trace_of_10_000_spans_holds_the_browser_up_no_longer_than_a_page_of_rows_may(people, planted):
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.add_init_script(TASKS)
    small = max(longest_task(page, SMALL) for _ in range(ROUNDS))
    large = min(longest_task(page, TRACE) for _ in range(ROUNDS))  # what others have of the machine is not the page's
    # Five times the rows are on the page at once, never 250 times.
    assert large <= 6 * max(small, UNTOLD), (large, small)


def test_a_trace_of_10_000_spans_is_read_by_rows_and_keys(people, planted):
    page = people.staff()
    rows = page.locator(".waterfall .span")

    page.goto(PAGE)
    expect(rows).to_have_count(200)
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(400)

    # Rows, what is known of one, and the critical path. What is scrolled out of sight takes the focus all the same.
    page.evaluate("document.activeElement.blur()")
    for _press in range(2):
        page.keyboard.press("j")
    expect(row(page, 2).locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, 2)).to_contain_text("no. 2")
    page.keyboard.press("c")
    expect(row(page, 3).locator("summary")).to_be_focused()

    # Collapsed, the rows after it move up and the address says so; expanded, they are back.
    page.keyboard.press("ArrowLeft")
    expect(row(page, 2).locator("summary")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(row(page, 3)).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"\?closed={2:016x}$"))
    expect(row(page, 2).locator("+ li")).to_have_id(f"span-{102:016x}")
    page.reload()
    expect(row(page, 3)).to_have_count(0)
    row(page, 2).locator(".twist").click()
    expect(row(page, 3)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))

    # An old link leads to a row that is on a later page, open.
    page.goto(f"{PAGE}#span-{9_000:016x}")
    expect(row(page, 9_000)).to_contain_text("no. 9000")
    page.wait_for_load_state()  # what is seen sooner does not listen to keys yet

    page.keyboard.press("f")
    page.keyboard.type("no. 7777")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    expect(page.locator(".span:not(.dim)")).to_have_id(f"span-{7_777:016x}")
