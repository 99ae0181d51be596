"""Board, its JSON, the console, the scrape and the hours that were kept tell the same figures at the same moment."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from monitoring.panel.formatting import value
from sessions_app import duty, hourly_keeping, lifecycle, service
from sessions_app.models import QueueEntry, StaffPeriod
from tests.factories import NOON, SECOND, make_customer, make_ended, make_staff

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SCRAPED = {
    "service_level": "service_level_ratio",
    "abandon_rate": "abandon_rate_ratio",
    "asa": "average_speed_of_answer_seconds",
    "occupancy": "occupancy_ratio",
    "quotes_kept": "expected_wait_kept_ratio",
}
NOW = {
    "waiting": "queue_length",
    "longest_wait_s": "queue_longest_wait_seconds",
    "active": 'support_sessions{state="active"}',
    "connecting": 'support_sessions{state="connecting"}',
}


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """It is noon all the time; figures that are kept for some seconds begin with it."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    service.forget()


@pytest.fixture
def desk(client):
    """A morning with one of everything: late, given up early and late, handed back, paused, and still there."""
    ana, bo = make_staff("ana", first_name="Ana"), make_staff("bo", first_name="Bo")
    for number in range(12):
        make_ended(ana, NOON - 4 * HOUR + number * 9 * MINUTE, lasted=7 * MINUTE)
    late = make_customer(at=NOON - 2 * HOUR)
    lifecycle.claim(late.pk, bo, NOON - 2 * HOUR + 25 * SECOND)
    lifecycle.connected(late.pk, NOON - 2 * HOUR + 28 * SECOND)
    lifecycle.requeue(late.pk, bo, NOON - 2 * HOUR + 30 * SECOND)
    lifecycle.claim(late.pk, bo, NOON - 2 * HOUR + 33 * SECOND)
    lifecycle.connected(late.pk, NOON - 2 * HOUR + 34 * SECOND)
    lifecycle.end(late.pk, bo, "resolved", "", NOON - 2 * HOUR + 10 * MINUTE)
    for waited in (3, 15, 65):  # not offered; given up in time; given up too late
        lifecycle.leave(make_customer(at=NOON - 90 * MINUTE).pk, NOON - 90 * MINUTE + waited * SECOND)
    duty.start(bo, NOON - HOUR)
    duty.pause(bo, "meeting", NOON - HOUR + 10 * SECOND)
    QueueEntry.objects.filter(departure="claimed").update(expected_least_min=0, expected_most_min=1)
    lifecycle.claim(make_customer(at=NOON - 3 * MINUTE).pk, ana, NOON - 3 * MINUTE + 30 * SECOND)
    make_customer(at=NOON - 70 * SECOND)
    StaffPeriod.objects.filter(ended_at=None).update(last_seen_at=NOON)
    client.force_login(make_staff("lee", "sessions_app.view_board", "sessions_app.work_desk"))
    return client


def told(desk, place, **query):
    return desk.get(reverse(f"desk:{place}"), {"format": "json", **query}).json()


def scraped(desk):
    lines = desk.get("/metrics").content.decode().splitlines()
    return {name: float(number) for name, _space, number in (line.rpartition(" ") for line in lines if line[0] != "#")}


@pytest.mark.parametrize("kept", [False, True], ids=["counted", "kept"])
def test_all_say_the_same_whether_hours_were_kept_or_not(desk, kept):
    if kept:
        assert hourly_keeping.keep(NOON)[0] > 1_400
        service.forget()
    board, console, metrics = told(desk, "board"), told(desk, "console"), scraped(desk)
    figures = {name: figure["value"] for name, figure in board["figures"].items()}
    assert board["service"] == console["service"]
    assert told(desk, "board", window="24h")["service"] == told(desk, "console", window="24h")["service"]
    assert {name: metrics[series] for name, series in SCRAPED.items()} == {name: figures[name] for name in SCRAPED}
    assert {name: metrics[series] for name, series in NOW.items()} == {name: board["now"][name] for name in NOW}
    staff = board["now"]["staff"]
    assert {state: metrics[f'support_staff{{state="{state}"}}'] for state in staff} == staff
    assert (board["now"]["waiting"], board["now"]["kept_ratio"]) == (1, figures["quotes_kept"])
    assert (figures["offered"], figures["answered"], figures["abandoned"]) == (17, 13, 2)
    assert (figures["service_level"], figures["longest_wait"]) == (12 / (13 + 2 - 1 + 2), 180)


def test_steps_and_staff_add_up_to_the_figures(desk):
    board = told(desk, "board")
    for name in ("offered", "answered", "abandoned", "missed"):
        assert sum(step[name] for step in board["steps"]) == board["service"][name]
    assert max(step["longest_wait_s"] or 0 for step in board["steps"]) == board["figures"]["longest_wait"]["value"]
    assert sum(row["handled"] for row in board["staff"]) == board["figures"]["handled"]["value"]
    spent_s = sum(row["handled"] * row["aht_s"] for row in board["staff"])
    assert spent_s / board["figures"]["handled"]["value"] == pytest.approx(board["figures"]["aht"]["value"])


def test_the_page_shows_the_numbers_of_its_json(desk):
    page = unescape(desk.get(reverse("desk:board")).content.decode())
    shown = dict(re.findall(r'id="formula-(\w+)">.*?<p class="figure">([^<]+)</p>', page, re.S))
    figures = told(desk, "board")["figures"]
    assert shown == {name: value(figure["value"], figure["unit"]) for name, figure in figures.items()}
