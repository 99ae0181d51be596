"""A message left behind: listed until somebody takes it, one at a time, and never a part of the queue."""

from datetime import timedelta

import pytest

from monitoring.models import AuditEntry
from sessions_app import lifecycle, queue, service, sweeping
from sessions_app.errors import HandsFull, MessageTaken, NotYours, WrongState
from sessions_app.models import Departure, State, SupportSession
from sessions_app.pace import pace
from tests.factories import NOON, SECOND, make_call, make_customer, make_message, make_staff

pytestmark = pytest.mark.django_db
MINUTE, HOUR = 60 * SECOND, timedelta(hours=1)


@pytest.fixture
def ana():
    return make_staff("ana")


@pytest.fixture
def bo():
    return make_staff("bo")


def fresh(session):
    return SupportSession.objects.get(pk=session.pk)


def test_a_message_is_taken_answered_and_ended(ana):
    left = make_message("Dora")
    assert (left.state, left.callback, left.contact) == (State.CALLBACK, True, "dora@example.org")
    later = NOON + 26 * HOUR
    taken = lifecycle.call_back(left.pk, ana, later)
    assert (taken.state, taken.staff, taken.claimed_at, taken.connected_at) == (State.ACTIVE, ana, later, later)
    lifecycle.end(left.pk, ana, "resolved", "Called her.", later + MINUTE)
    assert (fresh(left).state, fresh(left).outcome) == (State.ENDED, "resolved")
    assert AuditEntry.objects.filter(action="call_back", actor=ana).count() == 1


def test_of_two_members_of_staff_one_takes_it(ana, bo):
    left = make_message()
    seen_by_both = fresh(left)
    lifecycle.call_back(left.pk, ana, NOON)
    with pytest.raises(MessageTaken):
        lifecycle.call_back(left.pk, bo, NOON)
    assert not lifecycle.change(seen_by_both, State.ABANDONED, NOON, {"ended_at": NOON})
    assert fresh(left).staff == ana


def test_one_customer_for_each_member_of_staff_whether_called_back_or_waiting(ana):
    first, second, waiting = make_message(), make_message(), make_customer()
    lifecycle.call_back(first.pk, ana, NOON)
    with pytest.raises(HandsFull):
        lifecycle.call_back(second.pk, ana, NOON)
    with pytest.raises(HandsFull):
        lifecycle.claim(waiting.pk, ana, NOON)


def test_who_is_not_reached_is_to_be_called_back_again(ana, bo):
    left = make_message()
    lifecycle.call_back(left.pk, ana, NOON + MINUTE)
    with pytest.raises(NotYours):
        lifecycle.requeue(left.pk, bo, NOON + MINUTE)
    lifecycle.requeue(left.pk, ana, NOON + 2 * MINUTE)
    again = fresh(left)
    assert (again.state, again.staff, again.claimed_at, again.connected_at) == (State.CALLBACK, None, None, None)
    assert not again.entries.exists()
    assert lifecycle.call_back(left.pk, bo, NOON + HOUR).staff == bo


def test_a_message_is_withdrawn_but_not_one_that_somebody_took(ana):
    left, held = make_message(), make_message()
    lifecycle.leave(left.pk, NOON + MINUTE)
    assert (fresh(left).state, fresh(left).ended_at) == (State.ABANDONED, NOON + MINUTE)
    with pytest.raises(MessageTaken):
        lifecycle.call_back(left.pk, ana, NOON + MINUTE)
    lifecycle.call_back(held.pk, ana, NOON)
    lifecycle.leave(held.pk, NOON + MINUTE)  # hangs up, as from any call
    assert fresh(held).state == State.ENDED


def test_who_waits_may_leave_a_message_instead(ana):
    waiting = make_customer()
    left = make_message("Cy", NOON + MINUTE, instead_of=waiting.pk)
    assert left.pk != waiting.pk
    assert (fresh(waiting).state, waiting.entries.get().departure) == (State.ABANDONED, Departure.LEFT)
    assert queue.positions() == {}


def test_whom_staff_took_while_they_were_writing_leaves_no_message(ana):
    waiting = make_customer()
    lifecycle.claim(waiting.pk, ana, NOON)
    with pytest.raises(WrongState):
        make_message("Cy", NOON + MINUTE, instead_of=waiting.pk)
    assert (fresh(waiting).state, SupportSession.objects.count()) == (State.CONNECTING, 1)


def test_who_was_gone_while_they_were_writing_still_leaves_it():
    waiting = make_customer()
    sweeping.abandon_gone(NOON + HOUR)
    assert make_message("Cy", NOON + HOUR, instead_of=waiting.pk).state == State.CALLBACK


def test_nobody_need_be_there_while_they_are_called_back(ana):
    left = make_message()
    sweeping.sweep(NOON + 3 * HOUR)
    lifecycle.call_back(left.pk, ana, NOON + 3 * HOUR)
    sweeping.sweep(NOON + 4 * HOUR)
    assert fresh(left).state == State.ACTIVE


def test_a_message_expires_by_days_not_by_hours(ana, settings):
    settings.DESK_SESSION_HOURS, settings.DESK_CALLBACK_DAYS = 8, 14
    left = make_message()
    assert sweeping.expire_stale(NOON + timedelta(days=14)) == 0
    lifecycle.call_back(left.pk, ana, NOON + timedelta(days=13))
    assert sweeping.expire_stale(NOON + timedelta(days=14, hours=1)) == 0
    lifecycle.requeue(left.pk, ana, NOON + timedelta(days=14, hours=1))
    assert sweeping.expire_stale(NOON + timedelta(days=14, hours=1)) == 1
    assert fresh(left).state == State.EXPIRED


def test_a_message_that_was_taken_and_forgotten_is_on_the_list_again(ana, settings):
    settings.DESK_SESSION_HOURS = 8
    left, waiting = make_message(), make_call(make_staff("bo"))
    lifecycle.call_back(left.pk, ana, NOON)
    assert sweeping.return_forgotten(NOON + 8 * HOUR) == 0
    assert sweeping.return_forgotten(NOON + 8 * HOUR + SECOND) == 1
    assert (fresh(left).state, fresh(waiting).state) == (State.CALLBACK, State.ACTIVE)


def test_a_message_is_no_join_and_stands_in_no_figure_of_the_queue(ana):
    make_customer(at=NOON)
    withdrawn, answered, _open = (make_message(at=NOON) for _ in range(3))
    lifecycle.leave(withdrawn.pk, NOON + MINUTE)
    lifecycle.call_back(answered.pk, ana, NOON + MINUTE)
    lifecycle.end(answered.pk, ana, "resolved", "", NOON + 3 * MINUTE)
    counts = queue.counts(NOON)
    assert (counts.callback, counts.waiting, counts.abandoned, counts.ended) == (1, 1, 1, 1)
    assert (counts.messages, counts.joined) == (3, 1)
    figures = service.service(NOON + 4 * MINUTE)
    assert (figures.joined, figures.answered, figures.abandoned, figures.handled) == (1, 0, 0, 0)
    assert pace(NOON + 4 * MINUTE).answered == 0


def test_the_list_has_the_oldest_first_and_says_what_staff_need():
    make_message("Eli", NOON + MINUTE)
    make_message("Dora", NOON)
    rows = queue.board(NOON + HOUR).callbacks
    assert [(row.name, row.contact, row.message) for row in rows] == [
        ("Dora", "dora@example.org", "Please call me."),
        ("Eli", "eli@example.org", "Please call me."),
    ]
    assert (rows[0].since, rows[0].language) == (NOON, "en")
