"""`make load` runs a tiny round against a real server, and what it says agrees with the database."""

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import uuid4

import pytest

from sessions_app import tokens
from sessions_app.models import Role
from tests.load import report, rounds, wire
from tests.load.curve import climb
from tests.load.people import address_of, session_of
from tests.load.place import place
from tests.load.tally import Tally

RATE, MEASURED_S = 8, 3


@pytest.fixture(scope="module")
def curve():
    with pytest.MonkeyPatch.context() as patched, place("SQLite", staff=6) as there:
        patched.setattr(rounds, "WARM_S", 0.5)
        yield asyncio.run(climb(there, lambda _line: None, [RATE], MEASURED_S))


def test_everybody_whom_it_counted_is_stored_and_was_served(curve):
    assert curve.customers > 0
    assert curve.stored == {"ended": curve.customers}


def test_a_round_without_an_error_tells_all_its_figures(curve):
    (found,) = curve.rounds
    assert (found.errors, found.left_over) == (Counter(), 0)
    assert 0 < found.joins * MEASURED_S <= curve.customers
    assert 0 < found.claims * MEASURED_S <= curve.customers
    assert found.pushes > 0
    assert 0 < found.join_ms < 10_000
    assert found.press_ms >= found.claim_ms / 2
    assert found.usage.used["serve"][0].mb > 20
    assert {"serve", "qcluster"} == found.usage.used.keys()
    assert 0 < found.usage.load < 1
    assert 0 < found.web_ms < 1000


def test_its_table_says_them(curve):
    text = report.curve(curve)
    assert f"Of {curve.customers} customers" in text
    assert f"| {curve.rounds[0].joins:.0f} |" in text


def test_a_bar_that_breaks_is_named(curve):
    well = replace(curve.rounds[0], offered=8.0, joins=8.0, claims=8.0, push_ms=249.0)
    assert well.broken == ""
    assert "keep up" in replace(well, claims=7.0).broken
    assert "250 ms" in replace(well, push_ms=251.0).broken
    assert "errors" in replace(well, errors=Counter({"lost": 1})).broken
    assert "left over" in replace(well, left_over=1).broken


def test_times_outside_of_the_measurement_are_left_out():
    tally = Tally()
    tally.took("join", 9)
    tally.begin()
    for n in range(1, 101):
        tally.took("join", n / 1000)
    assert (tally.at("join"), tally.at("join", 0.5), tally.count("join")) == (96.0, 51.0, 100)
    assert tally.at("claim") == 0


def test_no_customers_link_is_told_with_an_error():
    assert wire.without_secrets("/s/secret:of:hers/leave/") == "/s/.../leave/"


def test_each_customer_has_an_address_of_this_machine():
    assert len({address_of(number) for number in range(70_000)}) == 70_000
    assert all(address_of(number).startswith("127.") for number in range(0, 10_000_000, 99_999))


def test_a_token_names_its_session():
    session = uuid4()
    assert session_of(tokens.make(session, Role.CUSTOMER)) == str(session)


def test_a_part_that_is_measured_again_replaces_its_section_alone():
    first = report.page("", {"growth": "few and many", "curve": "ten a second"})
    assert first.index("ten a second") < first.index("few and many")
    by_hand = first + "\n## By hand\n\nKept.\n"
    again = report.page(by_hand, {"curve": "twelve a second"})
    assert "ten a second" not in again
    assert [again.count(text) for text in ("twelve a second", "few and many", "Kept.")] == [1, 1, 1]
    assert again.endswith("## By hand\n\nKept.\n")
