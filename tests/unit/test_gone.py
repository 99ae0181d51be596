"""Customers who give no sign of life any more: when they count as gone, and who gets the benefit of the doubt."""

import pytest

from sessions_app import lifecycle, queue
from sessions_app.models import Departure, State, SupportSession
from tests.factories import NOON, SECOND, make_call, make_customer, make_queue, make_staff

pytestmark = pytest.mark.django_db
MINUTE = 60 * SECOND


@pytest.fixture
def ana():
    return make_staff("ana")


def fresh(session):
    return SupportSession.objects.get(pk=session.pk)


def test_a_silent_customer_is_abandoned_from_when_they_were_last_seen(settings):
    settings.DESK_GONE_AFTER = 60
    silent, reloading = make_queue(2)
    lifecycle.heartbeat([reloading.pk], NOON + 30 * SECOND)
    assert lifecycle.abandon_gone(NOON + 80 * SECOND) == 1
    silent = fresh(silent)
    assert (silent.state, silent.ended_at) == (State.ABANDONED, silent.joined_at)
    assert silent.entries.get().departure == Departure.GONE
    assert fresh(reloading).state == State.WAITING


def test_who_waited_while_the_server_was_down_has_the_whole_time_to_come_back():
    make_queue(2)
    lifecycle.give_time(NOON + 10 * MINUTE)
    assert lifecycle.abandon_gone(NOON + 10 * MINUTE + 50 * SECOND) == 0
    assert lifecycle.abandon_gone(NOON + 11 * MINUTE + SECOND) == 2


def test_a_sweep_closes_those_who_are_gone_and_leaves_no_span_when_nobody_is(telemetry):
    cy, _ = make_queue(2)
    telemetry._records.clear()
    lifecycle.sweep(NOON + 30 * SECOND)
    assert not telemetry._records
    lifecycle.sweep(NOON + 2 * MINUTE)
    assert fresh(cy).state == State.ABANDONED
    assert "desk.abandon_gone" in [getattr(record, "name", "") for record in telemetry._records]


def test_a_reload_within_the_time_keeps_the_place():
    cy, _ = make_queue(2)
    lifecycle.heartbeat([cy.pk], NOON + 50 * SECOND)
    lifecycle.abandon_gone(NOON + 55 * SECOND)
    assert queue.position(cy.pk) == 1


def test_a_customer_taken_but_gone_frees_the_member_of_staff(ana):
    cy = make_customer()
    lifecycle.claim(cy.pk, ana, NOON + 10 * SECOND)
    assert lifecycle.abandon_gone(NOON + 2 * MINUTE) == 1
    assert (fresh(cy).state, fresh(cy).ended_at) == (State.ABANDONED, NOON + 10 * SECOND)


def test_a_call_outlives_a_short_silence_but_not_a_long_one(ana):
    cy = make_call(ana)
    assert lifecycle.abandon_gone(NOON + 2 * MINUTE) == 0
    assert lifecycle.abandon_gone(NOON + 10 * MINUTE) == 1
    assert (fresh(cy).state, fresh(cy).ended_at) == (State.ENDED, NOON)
