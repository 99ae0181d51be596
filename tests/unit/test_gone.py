"""Customers who give no sign of life any more: when they count as gone, and who gets the benefit of the doubt."""

import pytest

from monitoring.models import AuditEntry
from sessions_app import lifecycle, queue, sweeping
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
    sweeping.heartbeat([reloading.pk], NOON + 30 * SECOND)
    assert sweeping.abandon_gone(NOON + 80 * SECOND) == 1
    silent = fresh(silent)
    assert (silent.state, silent.ended_at) == (State.ABANDONED, silent.joined_at)
    assert silent.entries.get().departure == Departure.GONE
    assert fresh(reloading).state == State.WAITING


def test_who_waited_while_the_server_was_down_has_the_whole_time_to_come_back():
    make_queue(2)
    sweeping.give_time(NOON + 10 * MINUTE)
    assert sweeping.abandon_gone(NOON + 10 * MINUTE + 30 * SECOND) == 0
    assert sweeping.abandon_gone(NOON + 10 * MINUTE + 36 * SECOND) == 2


def test_a_sweep_closes_those_who_are_gone_and_leaves_no_span_when_nobody_is(telemetry):
    cy, _ = make_queue(2)
    telemetry._records.clear()
    sweeping.sweep(NOON + 30 * SECOND)
    assert not telemetry._records
    sweeping.sweep(NOON + 2 * MINUTE)
    assert fresh(cy).state == State.ABANDONED
    assert "desk.abandon_gone" in [getattr(record, "name", "") for record in telemetry._records]


def test_a_reload_within_the_time_keeps_the_place():
    cy, _ = make_queue(2)
    sweeping.heartbeat([cy.pk], NOON + 20 * SECOND)
    sweeping.abandon_gone(NOON + 54 * SECOND)
    assert queue.positions()[cy.pk] == 1


def test_a_customer_taken_but_gone_frees_the_member_of_staff(ana):
    cy = make_customer()
    lifecycle.claim(cy.pk, ana, NOON + 10 * SECOND)
    assert sweeping.abandon_gone(NOON + 2 * MINUTE) == 1
    assert (fresh(cy).state, fresh(cy).ended_at) == (State.ABANDONED, NOON + 10 * SECOND)


def test_a_call_outlives_a_short_silence_but_not_a_long_one(ana):
    cy = make_call(ana)
    assert sweeping.abandon_gone(NOON + 2 * MINUTE) == 0
    assert sweeping.abandon_gone(NOON + 10 * MINUTE) == 1
    assert (fresh(cy).state, fresh(cy).ended_at) == (State.ENDED, NOON)


def taken(staff, *, ahead_of=0):
    """A customer claimed at noon whose page gives signs of life until 12:30, and those who wait behind."""
    cy = make_customer(at=NOON - 30 * SECOND)
    others = make_queue(ahead_of)
    lifecycle.claim(cy.pk, staff, NOON)
    sweeping.heartbeat([each.pk for each in (cy, *others)], NOON + 30 * MINUTE)
    return cy, others


def test_an_unanswered_claim_goes_back_to_the_front_with_its_first_join(ana):
    cy, others = taken(ana, ahead_of=2)
    assert sweeping.return_unanswered(NOON + 30 * SECOND) == 0
    assert sweeping.return_unanswered(NOON + 31 * SECOND) == 1
    assert list(queue.positions()) == [cy.pk, *(each.pk for each in others)]
    claimed, back = cy.entries.order_by("pk")
    assert (claimed.departure, claimed.left_at, claimed.unanswered_by) == (Departure.CLAIMED, NOON, None)
    assert (back.joined_at, back.first_joined_at, back.unanswered_by) == (NOON + 31 * SECOND, cy.joined_at, ana)
    assert (fresh(cy).state, fresh(cy).staff, fresh(cy).answer_by) == (State.WAITING, None, None)
    assert lifecycle.claim_next(ana, NOON + 32 * SECOND).pk == cy.pk


def test_an_unanswered_claim_is_audited_as_nobodys_doing(ana):
    taken(ana)
    sweeping.return_unanswered(NOON + MINUTE)
    sweeping.return_unanswered(NOON + 2 * MINUTE)
    entry = AuditEntry.objects.get(action="requeue")
    assert (entry.actor_name, entry.action) == ("system", "requeue")
    assert entry.detail == {"reason": "unanswered", "claimed_by": "ana"}


def test_the_member_of_staff_is_told_until_somebody_takes_the_customer(ana):
    cy, _ = taken(ana)
    sweeping.return_unanswered(NOON + MINUTE)
    at = NOON + 61 * SECOND
    assert queue.board(at).returned_from(ana.pk) == cy.name
    assert queue.board(at).returned_from(make_staff("bo").pk) is None
    assert queue.board(NOON + 4 * MINUTE).returned_from(ana.pk) is None
    lifecycle.claim(cy.pk, ana, at)
    assert queue.board(at).returned_from(ana.pk) is None


def test_a_page_that_asks_for_the_camera_has_two_minutes_and_no_more(ana):
    cy, _ = taken(ana)
    lifecycle.answering(cy.pk, NOON + 5 * SECOND)
    lifecycle.answering(cy.pk, NOON + 110 * SECOND)
    assert sweeping.return_unanswered(NOON + 120 * SECOND) == 0
    assert sweeping.return_unanswered(NOON + 121 * SECOND) == 1


def test_answering_means_nothing_without_a_claim(ana):
    cy = make_call(ana)
    lifecycle.answering(cy.pk, NOON + SECOND)
    assert sweeping.return_unanswered(NOON + 30 * MINUTE) == 0
    assert fresh(cy).state == State.ACTIVE


def test_an_answer_that_comes_in_the_last_moment_wins(ana):
    cy, _ = taken(ana)
    seen = fresh(cy)
    lifecycle.answering(cy.pk, NOON + 30 * SECOND)
    assert not sweeping._return(seen, NOON + 31 * SECOND)
    lifecycle.connected(cy.pk, NOON + 32 * SECOND)
    assert sweeping.return_unanswered(NOON + 30 * MINUTE) == 0
    assert cy.entries.count() == 1


def test_the_time_to_answer_begins_again_when_the_server_comes_up(ana):
    taken(ana)
    sweeping.give_time(NOON + 10 * MINUTE)
    assert sweeping.return_unanswered(NOON + 10 * MINUTE + 29 * SECOND) == 0
    assert sweeping.return_unanswered(NOON + 10 * MINUTE + 31 * SECOND) == 1


def test_who_is_gone_meanwhile_does_not_come_back_to_the_queue(ana):
    cy = make_customer()
    lifecycle.claim(cy.pk, ana, NOON)
    sweeping.sweep(NOON + 36 * SECOND)
    assert (fresh(cy).state, fresh(cy).ended_at) == (State.ABANDONED, NOON)
    assert cy.entries.count() == 1


def test_a_sweep_brings_an_unanswered_claim_back(ana):
    cy, _ = taken(ana)
    sweeping.sweep(NOON + 31 * SECOND)
    assert fresh(cy).state == State.WAITING
