"""A trace of 10,000 spans in a real browser: rows come as they are needed, and the keys work."""

import re

from playwright.sync_api import expect

TRACE, SPANS = "e" * 32, 10_000
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
Span.objects.bulk_create(spans)
"""
PAGE = f"/admin/monitoring/panel/traces/{TRACE}/"


def row(page, number):
    return page.locator(f"#span-{number:016x}")


def test_a_trace_of_10_000_spans_is_read_by_rows_and_keys(people, server):
    planted = server.manage("shell", "-c", PLANTED)
    assert planted.returncode == 0, planted.stderr
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

    page.keyboard.press("f")
    page.keyboard.type("no. 7777")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    expect(page.locator(".span:not(.dim)")).to_have_id(f"span-{7_777:016x}")
