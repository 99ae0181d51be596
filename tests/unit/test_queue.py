from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app import duty, lifecycle, queue, sweeping
from sessions_app.models import QueueEntry, State, SupportSession
from sessions_app.pace import AVERAGED_S, KEPT_S, Pace, pace, recent
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_queue, make_staff

pytestmark = pytest.mark.django_db


def ana_once():
    """Ana, also when Hypothesis runs a test again and again within one transaction."""
    return User.objects.filter(username="ana").first() or make_staff("ana")


def place_of(session):
    """As it is read without everybody else's."""
    return queue.place(*QueueEntry.objects.values_list(*queue.KEY[:-1]).get(session=session.pk, left_at=None))


def test_places_count_from_one_and_only_those_who_wait():
    first, second, third = make_queue(3)
    lifecycle.leave(second.pk, NOON)
    assert queue.positions() == {first.pk: 1, third.pk: 2}
    assert place_of(third) == 2


def test_the_board_shows_who_waits_and_who_is_with_whom():
    ana = make_staff("ana", first_name="Ana", last_name="Kaya")
    make_call(ana, NOON, "Cy")
    make_customer("Bea", NOON + 10 * SECOND)
    board = queue.board(NOON + 70 * SECOND)
    assert [(row.name, row.position, row.wait_s) for row in board.waiting] == [("Bea", 1, 60)]
    assert board.held_by(ana.pk).staff == "Ana Kaya"
    assert board.held_by(ana.pk + 1) is None
    assert (board.longest_wait_s, board.hidden) == (60, 0)


def test_the_board_shows_the_first_and_says_how_many_more_there_are(monkeypatch):
    monkeypatch.setattr(queue, "SHOWN", 2)
    make_queue(5)
    board = queue.board(NOON)
    assert (len(board.waiting), board.hidden, board.counts.waiting) == (2, 3, 5)


def test_the_counts_add_up_to_everybody_who_joined():
    ana = make_staff()
    make_ended(ana)
    make_call(ana, NOON + timedelta(hours=1))
    lifecycle.leave(make_customer().pk, NOON)
    make_queue(2)
    counts = queue.counts(NOON)
    assert (counts.ended, counts.active, counts.abandoned, counts.waiting, counts.joined) == (1, 1, 1, 2, 5)


def test_an_empty_desk_has_no_longest_wait():
    assert queue.longest_wait_s(NOON) == 0
    assert queue.counts(NOON).joined == 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(joins=st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2)), min_size=1, max_size=12))
def test_everybody_is_served_in_order_and_nobody_twice(joins):
    """Whatever the times and priorities: priority first, then the earlier join, then who was written down first."""
    SupportSession.objects.all().delete()
    staff = ana_once()
    joined = [(-priority, at, make_customer(at=NOON + at * SECOND, priority=priority).pk) for at, priority in joins]
    wanted = [pk for _, _, pk in sorted(joined, key=lambda each: each[:2])]
    assert list(queue.positions()) == wanted
    assert [place_of(SupportSession(pk=pk)) for pk in wanted] == list(range(1, len(wanted) + 1))
    served = []
    for _ in wanted:
        session = lifecycle.claim_next(staff, NOON + 5 * SECOND)
        served.append(session.pk)
        lifecycle.leave(session.pk, NOON + 5 * SECOND)
    assert served == wanted


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["join", "claim", "answer", "wait", "leave"]), max_size=15))
def test_nobody_moves_back_while_nobody_with_a_higher_priority_joins(steps):
    SupportSession.objects.all().delete()
    staff, told = ana_once(), {}  # the place that each was told last, those who are taken included
    for number, step in enumerate(["join", *steps]):
        now = NOON + number * 40 * SECOND
        sweeping.heartbeat(SupportSession.objects.values_list("pk", flat=True), now)
        taken = SupportSession.objects.filter(state=State.CONNECTING).first()
        waiting = queue.positions()
        if step == "claim" and waiting and not taken:
            assert waiting[lifecycle.claim_next(staff, now).pk] == 1
        elif step == "answer" and taken:
            lifecycle.connected(taken.pk, now)
            lifecycle.end(taken.pk, staff, "resolved", "", now)
        elif step == "wait":
            assert sweeping.return_unanswered(now) == bool(taken)
        elif step == "leave" and waiting:
            lifecycle.leave(next(reversed(waiting)), now)
        else:
            make_customer(at=now)
        places = queue.positions()
        assert places == {pk: place_of(SupportSession(pk=pk)) for pk in places}
        assert all(place <= told.get(pk, place) for pk, place in places.items())
        assert list(places.values()) == sorted(places.values())
        told |= places


def test_no_wait_is_promised_before_ten_were_answered():
    ana = make_staff()
    for number in range(9):
        make_ended(ana, NOON + number * timedelta(minutes=6))
    assert pace(NOON + timedelta(hours=1)).expected_wait_s(1) is None
    make_ended(ana, NOON + timedelta(minutes=54))
    assert pace(NOON + timedelta(hours=1)).expected_wait_s(1) == 360  # five minutes from claim to end, one of wrap-up


def test_who_pauses_is_not_reckoned_with():
    ana, bo = make_staff("ana"), make_staff("bo")
    make_ended(ana)
    make_ended(bo)
    now = NOON + timedelta(minutes=8)
    assert pace(now).staff == 2
    duty.pause(bo, "break", now)
    assert pace(now).staff == 1


def test_what_was_quoted_at_join_is_kept():
    ana = make_staff()
    for number in range(10):
        make_ended(ana, NOON + number * timedelta(minutes=6))
    session = make_customer(at=NOON + timedelta(hours=1))
    entry = QueueEntry.objects.get(session=session)
    assert (entry.position_at_join, entry.expected_least_min, entry.expected_most_min) == (1, 3, 9)


def test_whoever_joins_within_the_same_seconds_is_told_by_one_reading(django_assert_max_num_queries):
    ana = make_staff()
    for number in range(10):
        make_ended(ana, NOON + number * timedelta(minutes=6))
    now = NOON + timedelta(hours=1)
    make_customer(at=now)
    with django_assert_max_num_queries(6):  # a transaction, who waits twice, the session and its place
        make_customer(at=now + SECOND)
    told = QueueEntry.objects.order_by("-pk").values_list("position_at_join", "expected_least_min")[:2]
    assert list(told) == [(2, 6), (1, 3)]


def test_what_those_who_join_are_told_is_read_anew_after_seconds():
    ana, now = make_staff(), NOON + timedelta(hours=1)
    for number in range(9):
        make_ended(ana, NOON + number * timedelta(minutes=6))
    assert recent(now).answered == 9
    make_ended(ana, NOON + timedelta(minutes=54))
    assert recent(now + SECOND).answered == 9
    assert recent(now + SECOND).staff == 0
    assert (recent(now + KEPT_S * SECOND).staff, recent(now + KEPT_S * SECOND).answered) == (1, 9), "who serves, sooner"
    assert recent(now + AVERAGED_S * SECOND).answered == 10


def test_the_expected_wait_grows_with_the_place_and_shrinks_with_staff_and_with_those_who_give_up():
    one = Pace(answered=10, handling_s=300, staff=1, abandons_per_s=0)
    two = Pace(answered=10, handling_s=300, staff=2, abandons_per_s=0)
    losing = Pace(answered=10, handling_s=300, staff=1, abandons_per_s=0.01)
    assert one.expected_waits_s(3) == [300, 600, 900]
    assert two.expected_waits_s(3) == [150, 300, 450]
    # 1 / (1/300) + 1 / (1/300 + 0.01) = 300 + 75
    assert losing.expected_waits_s(2) == [300, 390]


def test_with_nobody_at_the_desk_no_wait_is_promised():
    assert Pace(answered=50, handling_s=60, staff=0, abandons_per_s=0).expected_wait_s(4) is None
