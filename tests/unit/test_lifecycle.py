from datetime import timedelta
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction

from sessions_app import lifecycle, sweeping, transitions
from sessions_app.errors import AlreadyTaken, HandsFull, NobodyWaiting, NotYours, UnknownSession, WrongState
from sessions_app.models import CLOSED, Departure, QueueEntry, State, SupportSession
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_queue, make_staff

pytestmark = pytest.mark.django_db
MINUTE = 60 * SECOND


@pytest.fixture
def ana():
    return make_staff("ana")


@pytest.fixture
def bo():
    return make_staff("bo")


def fresh(session):
    return SupportSession.objects.get(pk=session.pk)


def test_a_customer_joins_is_taken_connects_and_is_served(ana):
    cy = make_customer()
    taken = lifecycle.claim_next(ana, NOON + 5 * SECOND)
    assert (taken.pk, taken.state, taken.staff) == (cy.pk, State.CONNECTING, ana)
    assert lifecycle.connected(cy.pk, NOON + 6 * SECOND)
    lifecycle.end(cy.pk, ana, "resolved", "Put out.", NOON + MINUTE)
    cy = fresh(cy)
    assert (cy.state, cy.outcome, cy.note) == (State.ENDED, "resolved", "Put out.")
    assert (cy.claimed_at, cy.connected_at, cy.ended_at) == (NOON + 5 * SECOND, NOON + 6 * SECOND, NOON + MINUTE)
    entry = cy.entries.get()
    assert (entry.departure, entry.left_at) == (Departure.CLAIMED, NOON + 5 * SECOND)


def test_the_one_who_joined_first_is_served_first(ana):
    first, second = make_queue(2)
    assert lifecycle.claim_next(ana, NOON).pk == first.pk
    lifecycle.end(first.pk, ana, "resolved", "", NOON)
    assert lifecycle.claim_next(ana, NOON).pk == second.pk


def test_a_higher_priority_is_served_before_an_earlier_join(ana):
    make_customer(at=NOON)
    urgent = make_customer(at=NOON + SECOND, priority=1)
    assert lifecycle.claim_next(ana, NOON + 2 * SECOND).pk == urgent.pk


def test_with_nobody_waiting_taking_the_next_says_so(ana):
    with pytest.raises(NobodyWaiting, match="Nobody is waiting"):
        lifecycle.claim_next(ana, NOON)


def test_a_customer_who_is_gone_is_not_handed_out(ana):
    gone, here = make_queue(2)
    later = NOON + 5 * MINUTE
    sweeping.heartbeat([here.pk], later)
    with pytest.raises(AlreadyTaken):
        lifecycle.claim(gone.pk, ana, later)
    assert lifecycle.claim_next(ana, later).pk == here.pk


def test_one_customer_goes_to_one_member_of_staff(ana, bo):
    cy = make_customer()
    lifecycle.claim(cy.pk, ana, NOON)
    with pytest.raises(AlreadyTaken):
        lifecycle.claim(cy.pk, bo, NOON)
    assert fresh(cy).staff == ana


def test_nobody_holds_two_customers(ana):
    make_queue(2)
    lifecycle.claim_next(ana, NOON)
    with pytest.raises(HandsFull):
        lifecycle.claim_next(ana, NOON)


def test_handing_back_keeps_the_place_and_the_first_wait(ana, bo):
    cy, other = make_queue(2)
    lifecycle.claim_next(ana, NOON)
    lifecycle.requeue(cy.pk, ana, NOON + MINUTE)
    first, second = cy.entries.order_by("pk")
    assert (first.departure, first.left_at) == (Departure.CLAIMED, NOON)
    assert (second.joined_at, second.first_joined_at) == (NOON + MINUTE, cy.joined_at)
    assert second.position_at_join == 1
    sweeping.heartbeat([cy.pk, other.pk], NOON + MINUTE)
    assert lifecycle.claim_next(bo, NOON + MINUTE).pk == cy.pk


def test_handing_back_keeps_the_priority(ana):
    urgent = make_customer(priority=3)
    lifecycle.claim_next(ana, NOON)
    lifecycle.requeue(urgent.pk, ana, NOON)
    assert urgent.entries.latest("pk").priority == 3


@pytest.mark.parametrize("act", [lifecycle.requeue, lambda *a: lifecycle.end(a[0], a[1], "", "", a[2])])
def test_only_the_one_who_has_the_customer_may_end_or_hand_back(ana, bo, act):
    cy = make_call(ana)
    with pytest.raises(NotYours):
        act(cy.pk, bo, NOON)
    assert fresh(cy).state == State.ACTIVE


def test_an_unknown_session_is_named_as_such(ana):
    with pytest.raises(UnknownSession):
        lifecycle.claim("00000000-0000-4000-8000-000000000000", ana, NOON)


def test_an_ended_session_cannot_be_ended_again(ana):
    cy = make_ended(ana)
    with pytest.raises(WrongState):
        lifecycle.end(cy.pk, ana, "other", "changed", NOON)
    assert fresh(cy).outcome == "resolved"


def test_leaving_twice_is_leaving_once():
    cy = make_customer()
    lifecycle.leave(cy.pk, NOON + SECOND)
    lifecycle.leave(cy.pk, NOON + MINUTE)
    cy = fresh(cy)
    assert (cy.state, cy.ended_at, cy.entries.get().departure) == (State.ABANDONED, NOON + SECOND, Departure.LEFT)


def test_a_customer_who_hangs_up_has_been_served(ana):
    cy = make_call(ana)
    lifecycle.leave(cy.pk, NOON + MINUTE)
    assert fresh(cy).state == State.ENDED


def test_connecting_is_acknowledged_once(ana):
    cy = make_call(ana)
    assert not lifecycle.connected(cy.pk, NOON + MINUTE)
    assert fresh(cy).connected_at == NOON


def test_nothing_stays_open_for_ever(ana, settings):
    make_queue(3)
    lifecycle.claim_next(ana, NOON)
    late = NOON + timedelta(hours=settings.DESK_SESSION_HOURS, minutes=1)
    assert sweeping.expire_stale(late) == 3
    assert {session.state for session in SupportSession.objects.all()} == {State.EXPIRED}
    assert not QueueEntry.objects.filter(left_at=None).exists()


def test_someone_who_joins_while_a_claim_waits_for_the_lock_is_not_claimed_before_they_came(ana):
    cy = make_customer(at=NOON)
    taken = lifecycle.claim_next(ana, NOON - SECOND)
    assert taken.claimed_at == cy.joined_at


def in_state(state, ana):
    if state == State.CALLBACK:
        return SupportSession.objects.create(
            state=state, callback=True, language="en", joined_at=NOON, last_seen_at=NOON
        )
    session = make_customer()
    if state in (State.CONNECTING, State.ACTIVE, State.ENDED):
        lifecycle.claim(session.pk, ana, NOON)
    if state in (State.ACTIVE, State.ENDED):
        lifecycle.connected(session.pk, NOON)
    if state == State.ENDED:
        lifecycle.end(session.pk, ana, "", "", NOON)
    if state == State.ABANDONED:
        lifecycle.leave(session.pk, NOON)
    if state == State.EXPIRED:
        sweeping.expire_stale(NOON + timedelta(days=4))
    return fresh(session)


FORBIDDEN = [
    (source, target)
    for source, target in permutations(State, 2)
    if target not in transitions.TRANSITIONS[source] and not (source in CLOSED and target in CLOSED)
]


@pytest.mark.parametrize(("source", "target"), FORBIDDEN)
def test_the_database_refuses_the_moves_that_the_table_forbids(source, target, ana):
    session = in_state(source, ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportSession.objects.filter(pk=session.pk).update(state=target)


@pytest.mark.parametrize(
    ("state", "wrong"),
    [
        (State.WAITING, {"claimed_at": NOON}),
        (State.WAITING, {"ended_at": NOON}),
        (State.WAITING, {"outcome": "resolved"}),
        (State.WAITING, {"state": "lost"}),
        (State.CONNECTING, {"staff": None}),
        (State.CONNECTING, {"claimed_at": None}),
        (State.CONNECTING, {"claimed_at": NOON - SECOND}),
        (State.CONNECTING, {"connected_at": NOON}),
        (State.ACTIVE, {"connected_at": None}),
        (State.ACTIVE, {"ended_at": NOON}),
        (State.ACTIVE, {"connected_at": NOON - SECOND}),
        (State.ENDED, {"ended_at": None}),
        (State.ENDED, {"ended_at": NOON - SECOND}),
        (State.ENDED, {"staff": None}),
        (State.ABANDONED, {"ended_at": None}),
        (State.ABANDONED, {"connected_at": NOON}),
        (State.ABANDONED, {"outcome": "resolved"}),
    ],
)
def test_the_database_refuses_what_cannot_be(state, wrong, ana):
    session = in_state(state, ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportSession.objects.filter(pk=session.pk).update(**wrong)


@pytest.mark.parametrize("wrong", [{"departure": "left"}, {"left_at": NOON}, {"first_joined_at": NOON + SECOND}])
def test_the_database_refuses_a_stay_that_cannot_be(wrong):
    entry = make_customer().entries.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        QueueEntry.objects.filter(pk=entry.pk).update(**wrong)


def test_the_database_refuses_a_second_open_stay():
    entry = make_customer().entries.get()
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def test_the_database_refuses_two_customers_for_one_member_of_staff(ana, bo):
    make_call(ana)
    other = make_call(bo)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportSession.objects.filter(pk=other.pk).update(staff=ana)


def test_a_move_the_table_forbids_is_refused_before_the_database_is_asked(ana):
    with pytest.raises(WrongState):
        transitions.change(make_customer(), State.ACTIVE, NOON, {"connected_at": NOON})


def test_who_comes_second_changes_and_announces_nothing(ana, bo, django_capture_on_commit_callbacks):
    seen_by_both = make_customer()
    lifecycle.claim(seen_by_both.pk, ana, NOON)
    with django_capture_on_commit_callbacks() as announced:
        assert not lifecycle._claim(seen_by_both, bo, NOON)
    assert announced == []
    assert fresh(seen_by_both).staff == ana
