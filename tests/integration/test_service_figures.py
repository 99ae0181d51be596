"""The console, its JSON and the scrape tell the same figures of the queue, each with its formula."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sessions_app import duty, gauges, lifecycle
from tests.factories import make_call, make_customer, make_ended, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    """A desk of this hour: one customer answered at once, one who gave up after half a minute, one just come."""
    ana = make_staff("ana", first_name="Ana", last_name="Kaya")
    began = timezone.now() - timedelta(minutes=8)
    make_ended(ana, began)
    lifecycle.leave(make_customer(at=began).pk, began + timedelta(seconds=30))
    make_customer(at=timezone.now())
    client.force_login(ana)
    return client


def as_json(desk, **query):
    return desk.get(reverse("desk:console"), {"format": "json", **query})


def test_a_program_gets_the_figures_of_the_window_it_asks_for(desk):
    hour = as_json(desk, window="1h").json()["service"]
    assert (hour["window"], hour["offered"], hour["answered"], hour["abandoned"]) == ("1h", 3, 1, 1)
    assert (hour["service_level"], hour["asa_s"], hour["aht_s"]) == (0.5, 0, 300 + 60)
    assert hour["service_levels"]["of_answered"] == 1
    assert [(row["staff"], row["handled"]) for row in hour["staff"]] == [("Ana Kaya", 1)]
    assert 0 < hour["occupancy"] <= 1
    assert as_json(desk).json()["service"]["window"] == "today"
    assert as_json(desk, window="24h").json()["service"]["offered"] == 3


def test_a_window_that_does_not_exist_is_refused(desk):
    answer = as_json(desk, window="1y")
    assert answer.status_code == 400
    assert answer.json()["error"] == "A window is one of today, 1h, 24h."


def test_the_console_says_each_figure_and_its_formula_to_a_mouse_and_to_a_keyboard(desk):
    page = desk.get(reverse("desk:console")).content.decode()
    formulas = page[page.index('<details class="formulas">') :]
    said = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", formulas[: formulas.index("</details>")])
    assert len(said) == 11
    for label, formula in said:
        assert f'<div title="{formula}"><dt>{label}</dt>' in page
    assert "talk, hold being part of it" in page


def test_the_details_are_not_in_what_is_pushed_or_polled(desk):
    part = desk.get(reverse("desk:console"), headers={"HX-Request": "true"}).content.decode()
    assert "Service level" in part
    assert "<details" not in part


def test_the_scrape_tells_what_the_console_tells(desk):
    told = {reading.name: reading.value for reading in [*gauges.read_now(), *gauges.read_past()]}
    today = as_json(desk).json()["service"]
    assert told.get("service_level_ratio") == today["service_level"]
    assert told.get("abandon_rate_ratio") == today["abandon_rate"]
    assert told.get("average_speed_of_answer_seconds") == today["asa_s"]
    assert told["occupancy_ratio"] == today["occupancy"]


def test_the_scrape_tells_the_states_of_staff_that_the_console_tells(desk):
    duty.start(make_staff("bo"), timezone.now())
    make_call(make_staff("cem"), timezone.now())
    told = {reading.labels["state"]: reading.value for reading in gauges.read_now() if reading.name == "support_staff"}
    assert told == as_json(desk).json()["duty"]["counts"] == {"available": 2, "paused": 0, "in_call": 1, "wrap_up": 0}


def test_figures_that_cannot_be_told_are_not_scraped_as_zero():
    names = {reading.name for reading in [*gauges.read_now(), *gauges.read_past()]}
    assert "queue_length" in names
    rates = {"service_level_ratio", "abandon_rate_ratio", "average_speed_of_answer_seconds", "occupancy_ratio"}
    assert not names & rates
