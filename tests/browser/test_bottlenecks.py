"""From what is slow to the trace that shows why, on a wide screen and on a narrow one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

BEFORE_AND_NOW = """
import random, time
from monitoring import profiler, start_span
from monitoring.recording import record_duration
from monitoring.store.buffer import buffer
chance, moment = random.Random(1), time.time()
for name, before, now in (("report.render", 80, 240), ("invoice.parse", 90, 30), ("mail.send", 60, 60)):
    for age, middle in ((5400, before), (600, now)):
        for _ in range(200):
            record_duration(name, {}, moment - age - chance.random() * 900, chance.lognormvariate(0, 0.4) * middle)
record_duration("import.the.very.long.name.of.something.seldom", {}, moment - 60, 4000.0)
with start_span("report.page"):
    profiler.record("report.render", 3210.0)
try:
    with start_span("report.page"), profiler.timed("report.render"):
        raise RuntimeError("no such report")
except RuntimeError:
    pass
buffer.flush()
"""
LOOKS = [("1280", 1280, "light"), ("1280-dark", 1280, "dark"), ("360", 360, "light")]


@pytest.fixture(scope="module")
def slow(server):
    made = server.manage("shell", "-c", BEFORE_AND_NOW)
    assert made.returncode == 0, made.stderr
    assert server.manage("mark_deploy", "1.4.2").returncode == 0
    return server


@pytest.mark.parametrize(("look", "width", "scheme"), LOOKS)
def test_a_slow_name_says_what_became_of_it_and_leads_to_its_traces(slow, people, picture, look, width, scheme):
    page = people.staff(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto("/admin/monitoring/panel/bottlenecks/")
    row = page.locator("tr", has_text="report.render")
    expect(row).to_contain_text("▲ slower:")
    expect(page.locator("tr", has_text="invoice.parse")).to_contain_text("▼ faster:")
    expect(page.locator("tr", has_text="mail.send")).to_contain_text("no telling")
    expect(page.locator("tr", has_text="seldom")).to_contain_text("not measured before")
    expect(page.locator(".deployments")).to_contain_text("1.4.2")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, f"bottlenecks-{look}", full_page=True)
    page.goto("/admin/monitoring/panel/")
    expect(page.locator(".deployments")).to_contain_text("1.4.2")
    expect(page.locator(".sparkline .deployed").first).to_be_attached()
    picture(page, f"overview-{look}", full_page=True)
    page.goto("/admin/monitoring/panel/bottlenecks/")
    row.get_by_role("link", name="slowest 3.21 s").click()
    expect(page.locator("h1")).to_have_text("report.page")
    page.go_back()
    row.get_by_role("link", name="failed").click()
    expect(page.locator("body")).to_contain_text("no such report")


def test_a_window_between_two_times_stays_in_the_form(slow, people):
    earlier = [f"{datetime.now(UTC) - timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (5, 4)]
    page = people.staff()
    page.goto("/admin/monitoring/panel/bottlenecks/")
    page.locator(".filters summary").click()
    page.fill("[name=from]", earlier[0])
    page.fill("[name=to]", earlier[1])
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".empty")).to_contain_text("Nothing was measured")
    expect(page.locator("[name=from]")).to_have_value(earlier[0])
    expect(page.locator("[name=to]")).to_have_value(earlier[1])


def test_a_name_opens_its_page_and_a_cell_of_its_heat_map_the_traces_of_that_time(slow, people):
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.goto("/admin/monitoring/panel/bottlenecks/")
    page.get_by_role("link", name="report.render", exact=True).click()
    expect(page.locator("h1")).to_have_text("report.render")
    expect(page.locator(".plot .mark-line").first).to_be_attached()
    drawing = page.locator(".heat-drawing")
    column, row = map(int, drawing.get_attribute("data-counted").split()[-1].split(":")[:2])
    box, columns = drawing.bounding_box(), int(drawing.get_attribute("data-columns"))
    rows = len(drawing.get_attribute("data-bounds").split()) - 1
    cell = {"x": (column + 0.5) / columns * box["width"], "y": (rows - row - 0.5) / rows * box["height"]}
    drawing.hover(position=cell)
    expect(page.locator(".heat-said")).to_have_text(re.compile(r": \S+ \S+ – \S+ \S+, [12]$"))
    drawing.click(position=cell)
    expect(page.locator("[name=name]")).to_have_value("report.render")
    expect(page.locator("tbody tr").first).to_be_visible()
