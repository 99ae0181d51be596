"""What is over is counted once, and exactly, whatever is dated back meanwhile."""

from datetime import timedelta

import pytest
from django.db.models import Count

from sessions_app import closed, lifecycle, queue, sweeping
from sessions_app.models import State, SupportSession
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_staff

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Two are many."""
    monkeypatch.setattr(closed, "MANY", 2)


def by_hand():
    rows = SupportSession.objects.order_by().values_list("state").annotate(Count("pk"))
    return dict(rows)


def counted(now):
    return {state: number for state, number in queue.counts(now).by_state().items() if number}


def test_what_ended_long_ago_is_not_counted_again(django_assert_num_queries):
    ana = make_staff()
    for number in range(4):
        make_ended(ana, NOON + number * 10 * MINUTE)
    later = NOON + DAY
    assert closed.counts(later) == {State.ENDED: 4}
    SupportSession.objects.filter(joined_at=NOON).delete()  # as nobody does: only to see that it is not read again
    with django_assert_num_queries(3):
        assert closed.counts(later) == {State.ENDED: 4}
    make_ended(ana, later)
    assert closed.counts(later + DAY) == {State.ENDED: 5}


def test_an_end_that_is_dated_back_is_counted():
    ana = make_staff()
    gone, here = make_customer("Cy", NOON), make_customer("Bea", NOON)
    for number in range(5):
        make_ended(ana, NOON + DAY + number * 10 * MINUTE)
        sweeping.heartbeat([here.pk], NOON + DAY + number * 10 * MINUTE)
        assert counted(NOON + 2 * DAY) == by_hand()
    assert sweeping.abandon_gone(NOON + 2 * DAY) == 2
    gone.refresh_from_db()
    assert gone.ended_at == NOON
    assert counted(NOON + 2 * DAY) == by_hand() == {"ended": 5, "abandoned": 2}


def test_whatever_happens_both_ways_to_count_agree():
    ana, bo = make_staff("ana"), make_staff("bo")
    for number in range(30):
        now = NOON + number * 7 * MINUTE
        make_ended(ana, now)
        if number % 3 == 0:
            lifecycle.leave(make_customer(at=now).pk, now + SECOND)
        if number % 7 == 0:
            session = make_call(bo, now)
            lifecycle.end(session.pk, bo, "resolved", "", now + SECOND)
        if number % 5 == 0:
            make_customer(at=now)
        if number % 11 == 0:
            sweeping.abandon_gone(now)
        assert counted(now) == by_hand()
    assert closed.Kept.settled.counts.total() > 5
