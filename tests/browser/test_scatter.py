"""The scatter of traces in a real browser: a point opens its trace, an area is shown alone, keys have the list."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

PLANTED = """
from datetime import timedelta
from django.utils.timezone import now
from monitoring.models import Span
began = now() - timedelta(hours=3)
Span.objects.bulk_create(
    Span(
        trace_id=f"5ca77e{number:026x}", span_id=f"5ca77e{number:010x}", name="scattered", kind="internal",
        service="adminara", role="web", started_at=began + timedelta(seconds=10 * number), local_root=True,
        duration_ms=20 + number % 7, status="error" if number == 3 else "unset",
    )
    for number in range(300)
)
"""
PAGE = "/admin/monitoring/panel/traces/?name=scattered"
COUNT = ".scatter p"


@pytest.fixture(scope="module")
def scattered(server):
    made = server.manage("shell", "-c", PLANTED)
    assert made.returncode == 0, made.stderr


@pytest.fixture
def page(people, scattered):
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.goto(PAGE)
    expect(page.locator(COUNT)).to_contain_text("The newest 300 that fit")
    return page


def asked(page):
    return {name: float(value[0]) for name, value in parse_qs(urlsplit(page.url).query).items() if name != "name"}


def test_a_point_opens_its_trace_and_the_failed_one_has_a_sign_of_its_own(page):
    failed = page.locator(".scatter .field a:has(path)")
    expect(failed).to_have_count(1)
    failed.click()
    expect(page.locator("h1")).to_have_text("scattered")
    expect(page.locator(".facts")).to_contain_text("1 failed")
    page.go_back()
    page.locator(".scatter .field a:has(circle)").last.click()
    expect(page).to_have_url(re.compile(rf"/5ca77e{299:026x}/\?span=5ca77e{299:010x}#span-5ca77e{299:010x}$"))


def test_what_a_rectangle_is_drawn_around_is_shown_alone(page):
    box = page.locator(".scatter .field").bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 1)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] - 1, steps=5)
    page.mouse.up()
    page.wait_for_url("**least=**")
    expect(page.locator(COUNT)).to_contain_text("The newest 7")  # 70-odd
    told = asked(page)
    assert told["until"] - told["since"] == pytest.approx(2990 / 4, abs=20)


def test_a_click_beside_the_points_shows_what_is_there(page):
    box = page.locator(".scatter .field").bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 2)
    page.wait_for_url("**least=**")
    told = asked(page)
    assert told["until"] - told["since"] == pytest.approx(0.04 * 2990, abs=10)


def test_keys_reach_every_listed_trace(page):
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("scattered")
