"""The histogram of setup times: each bar is what the list shows, and the shares are those of their definitions."""

import random

import pytest
from django.http import QueryDict

from sessions_app import history
from sessions_app.errors import InvalidInput
from sessions_app.history_form import FilterForm, address
from sessions_app.models import Failure, Role, SupportSession
from sessions_app.setup_times import EDGES_MS, WINDOWS, setup_times
from tests.factories import NOON, SECOND, make_customer, make_queue, make_report

pytestmark = pytest.mark.django_db


def bars(shown, role, kind="setups"):
    (side,) = [side for side in shown.sides if side.role == role]
    return {bar.label: bar.sessions for bar in getattr(side, kind) if bar.sessions}


def test_a_session_counts_once_a_side_by_its_longest_setup():
    cy, di = make_queue(2)
    make_report(cy, "customer", 60)
    make_report(cy, "customer", 130)
    make_report(cy, "staff", 50)
    make_report(di, "customer", 49.9)
    shown = setup_times("24h", NOON)
    assert bars(shown, "customer") == {"0 \N{EN DASH} 50 ms": 1, "100 \N{EN DASH} 200 ms": 1}
    assert bars(shown, "staff") == {"50 \N{EN DASH} 100 ms": 1}
    assert shown.connected == 2


def test_the_longest_bar_is_as_wide_as_there_is_room():
    for number, session in enumerate(make_queue(3)):
        make_report(session, "customer", 60 if number else 3000)
    (side, _staff) = setup_times("24h", NOON).sides
    assert [bar.share for bar in side.setups if bar.share] == [1, 0.5]


def test_failures_count_once_a_class_and_side():
    (cy,) = make_queue(1)
    for failure in ("ice", "ice", "dtls"):
        make_report(cy, "staff", failure=failure)
    shown = setup_times("24h", NOON)
    assert bars(shown, "staff", "failures") == {"No way through (ICE)": 1, "No encryption (DTLS)": 1}
    assert bars(shown, "customer", "failures") == {}


def test_what_does_not_count_is_left_out():
    cy, di = make_queue(2)
    make_report(cy, "customer", 60, accepted=False, reason="over_server_clock")
    make_report(cy, "staff", failure="ice", accepted=False, reason="malformed")
    make_report(di, "customer", 60)
    SupportSession.objects.filter(pk=di.pk).update(synthetic=True)
    shown = setup_times("24h", NOON)
    assert (shown.connected, shown.attempts) == (0, 0)
    assert not any(bars(shown, role, kind) for role in Role for kind in ("setups", "failures"))


def test_the_relay_share_is_of_the_connected_on_either_side():
    cy, di, ed = make_queue(3)
    make_report(cy, "customer", 60, local_candidate="host", remote_candidate="relay")
    make_report(cy, "staff", 60, local_candidate="host", remote_candidate="host")
    make_report(di, "staff", 60, local_candidate="host", remote_candidate="host")
    make_report(ed, "staff", failure="ice", local_candidate="relay")
    shown = setup_times("24h", NOON)
    assert (shown.relayed, shown.connected, shown.relay_share) == (1, 2, 0.5)
    assert [row.id for row in history.sessions(shown.all_relayed, NOON).rows] == [cy.pk]


@pytest.mark.parametrize(
    ("said", "failed"),
    [
        ([("customer", None, "ice"), ("staff", None, "ice")], 1),
        ([("customer", None, "turn_refused")], 1),
        ([("staff", None, "no_candidates")], 1),
        ([("customer", None, "ice"), ("staff", 80, "")], 0),  # one side saw it connected
        ([("customer", None, "dtls")], 0),
        ([("customer", 80, "no_media")], 0),
        ([("customer", None, "peer_left")], 0),
    ],
)
def test_ice_failed_where_no_side_connected_and_one_found_no_way(said, failed):
    (cy,) = make_queue(1)
    for role, setup_ms, failure in said:
        make_report(cy, role, setup_ms, failure, attempt="1-1", result="failed" if failure else "connected")
    make_report(cy, "customer", 90, attempt="2-1")
    shown = setup_times("24h", NOON)
    assert (shown.ice_failed, shown.attempts, shown.ice_failed_share) == (failed, 2, failed / 2)


def test_nothing_has_no_shares():
    shown = setup_times("30d", NOON)
    assert (shown.relay_share, shown.ice_failed_share) == (None, None)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_holds_those_who_joined_in_it(window):
    until = NOON + SECOND
    for at in (until - WINDOWS[window] - SECOND, until - WINDOWS[window], NOON):
        make_report(make_customer(at=at), "customer", 60)
    assert setup_times(window, NOON).connected == 2


def test_another_window_is_refused():
    with pytest.raises(InvalidInput, match="window"):
        setup_times("1y", NOON)


@pytest.mark.parametrize("seed", range(5))
def test_each_bar_is_the_list_that_it_opens(seed):
    """For whatever the pages said: the address of each bar, read as the list's page reads it, chooses as many."""
    chance = random.Random(seed)
    for session in make_queue(12, NOON - chance.randrange(3) * SECOND):
        for _ in range(chance.randrange(5)):
            setup_ms = chance.choice(
                [None, *EDGES_MS[1:], *(edge + chance.choice([-0.1, 0.1]) for edge in EDGES_MS[1:])]
            )
            make_report(
                session,
                chance.choice(Role.values),
                setup_ms,
                chance.choice(Failure.values) if setup_ms is None else "",
                accepted=chance.random() < 0.8,
                local_candidate=chance.choice(["relay", "host"]),
            )
    shown = setup_times("24h", NOON)
    for side in shown.sides:
        for bar in [*side.setups, *side.failures]:
            assert chosen(bar.filters) == bar.sessions, f"{side.role} {bar.label}, seed {seed}"
    assert chosen(shown.all_relayed) == shown.relayed


def chosen(filters):
    asked = FilterForm(QueryDict(address(filters))).filters()
    assert asked == filters
    return len(history.sessions(asked, NOON).rows)
