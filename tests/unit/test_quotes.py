"""What customers are told to expect: it never counts up, and it is graded."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app import lifecycle, quotes, service
from sessions_app.models import QueueEntry
from sessions_app.quotes import Grades, Told, grade, quote
from sessions_app.status import statuses
from tests.factories import NOON, SECOND, make_customer, make_ended, make_queue, make_staff

MINUTE = 60 * SECOND


@given(
    st.integers(1, 7200),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 3)), max_size=30),
)
def test_what_is_shown_never_counts_up(wait_s, place, steps):
    """However the queue moves ahead, and however late somebody looks."""
    told = Told(*quote(wait_s), place)
    shown, waited, now_at = told.left(place, timedelta()), timedelta(), place
    assert shown == quote(wait_s)
    for seconds, places in steps:
        waited, now_at = waited + timedelta(seconds=seconds), max(1, now_at - places)
        least, most = told.left(now_at, waited)
        assert least <= shown[0]
        assert most <= shown[1]
        assert (least == most == 0) or least < most
        assert (most == 0) == (waited >= timedelta(minutes=told.most_min))
        shown = least, most


@pytest.mark.parametrize(
    ("place", "minutes", "shown"),
    [
        (4, 0, (10, 30)),
        (4, 5, (5, 25)),
        (2, 5, (5, 15)),
        (1, 20, (0, 8)),
        (4, 29.5, (0, 1)),
        (1, 30, (0, 0)),
        (9, 0, (10, 30)),
    ],
)
def test_time_and_places_both_take_their_part(place, minutes, shown):
    assert Told(10, 30, 4).left(place, minutes * MINUTE) == shown


@pytest.mark.parametrize(("minutes", "word"), [(1.9, "shorter"), (2, "kept"), (8, "kept"), (8.01, "longer")])
def test_a_range_is_kept_up_to_its_ends(minutes, word):
    assert grade(2, 8, minutes * MINUTE) == word


def test_with_few_graded_nothing_is_said():
    assert Grades(kept=5, longer=4).kept_ratio is None
    assert Grades(kept=5, longer=4, shorter=1).kept_ratio == 0.5


def given(since, until, now):
    return Counter(grade for _at, grade in quotes.graded(since, until, now))


@pytest.mark.django_db
class TestGrades:
    @pytest.fixture
    def ana(self):
        return make_staff("ana")

    def stay(self, ana, minutes):
        cy = make_customer(at=NOON)
        QueueEntry.objects.filter(session=cy).update(expected_least_min=2, expected_most_min=8)
        lifecycle.change(cy, "connecting", NOON + minutes * MINUTE,
                         {"staff": ana, "claimed_at": NOON + minutes * MINUTE}, "claimed")  # fmt: skip
        lifecycle.end(cy.pk, ana, "resolved", "", NOON + minutes * MINUTE)

    def test_stays_that_ended_in_a_claim_are_graded(self, ana):
        for minutes in (1, 2, 5, 8, 9, 30):
            self.stay(ana, minutes)
        lifecycle.leave(make_customer(at=NOON).pk, NOON + 5 * MINUTE)  # who knows how long it would have been
        make_customer(at=NOON)
        since = NOON - 30 * SECOND
        assert given(since, None, NOON + 60 * MINUTE) == {"kept": 3, "longer": 2, "shorter": 1}
        assert given(since, None, NOON + 5 * MINUTE) == {"kept": 2, "shorter": 1}
        assert given(since, NOON + 5 * MINUTE, NOON + 60 * MINUTE) == {"kept": 1, "shorter": 1}
        assert given(NOON + 20 * MINUTE, None, NOON + 60 * MINUTE) == {"longer": 1}

    def test_the_share_kept_is_among_the_desk_figures_and_scraped_from_ten_on(self, ana):
        for minutes in (1, 2, 5, 8, 9, 30, 3, 4, 6):
            self.stay(ana, minutes)
        at = NOON + 60 * MINUTE
        assert service.service(at).quotes.kept_ratio is None
        self.stay(ana, 7)
        assert service.service(at).quotes == Grades(kept=7, longer=2, shorter=1)
        assert service.service(at).quotes.kept_ratio == 0.7

    def test_a_stay_without_a_range_is_not_graded(self):
        bo = make_staff("bo")
        make_ended(bo, NOON)
        assert quotes.graded(NOON - MINUTE, None, NOON + MINUTE) == []

    def test_who_waits_is_told_less_and_less_and_then_the_truth(self):
        first, second = make_queue(2)
        QueueEntry.objects.filter(session=second).update(expected_least_min=5, expected_most_min=15)
        shown = []
        for minutes in (0, 1, 3, 9, 16, 40):
            status = statuses([second.pk], NOON + minutes * MINUTE)[second.pk]
            shown.append((status.least_min, status.most_min))
        assert shown == [(5, 15), (4, 14), (2, 12), (0, 6), (0, 0), (0, 0)]
        lifecycle.leave(first.pk, NOON + MINUTE)
        moved = statuses([second.pk], NOON + MINUTE)[second.pk]
        assert (moved.position, moved.least_min, moved.most_min) == (1, 2, 8)
