"""What the list of sessions and a session's own page are made of."""

from datetime import timedelta
from itertools import pairwise

import pytest

from sessions_app import criteria, history, lifecycle, sweeping
from sessions_app.errors import InvalidInput, UnknownSession
from sessions_app.history import Filters
from sessions_app.models import QueueEntry, State, SupportSession
from sessions_app.timeline import timeline
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_queue, make_report, make_staff

pytestmark = pytest.mark.django_db
MINUTE = 60 * SECOND


@pytest.fixture
def ana():
    return make_staff("ana")


@pytest.fixture
def handed_back(ana):
    """Joined at 12:00, taken at 12:01, back at 12:02, taken at 12:04, connected 1.5 s later, ended at 12:09."""
    bo, cy = make_staff("bo"), make_customer()
    stay_present(cy, NOON + MINUTE)
    lifecycle.claim(cy.pk, bo, NOON + MINUTE)
    stay_present(cy, NOON + 2 * MINUTE)
    lifecycle.requeue(cy.pk, bo, NOON + 2 * MINUTE)
    stay_present(cy, NOON + 4 * MINUTE)
    lifecycle.claim(cy.pk, ana, NOON + 4 * MINUTE)
    lifecycle.connected(cy.pk, NOON + 4 * MINUTE + 1.5 * SECOND)
    return lifecycle.end(cy.pk, ana, "resolved", "All well.", NOON + 9 * MINUTE)


def stay_present(session, now):
    sweeping.heartbeat([session.pk], now)


def listed(now=NOON, **filters):
    return [row.id for row in history.sessions(Filters(**filters), now).rows]


def all_pages(now=NOON, **filters):
    found, cursor = [], ""
    while True:
        page = history.sessions(Filters(**filters, before=cursor), now)
        found.append([row.id for row in page.rows])
        if not (cursor := page.older):
            return found


def test_the_newest_come_first_and_the_pages_leave_nothing_out(monkeypatch):
    monkeypatch.setattr(history, "PAGE", 3)
    together = [make_customer(f"Cy {n}", NOON - MINUTE) for n in range(5)]  # as one moment: only their ids differ
    queue = make_queue(5)
    pages = all_pages()
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    seen = [pk for page in pages for pk in page]
    assert seen[:5] == [session.pk for session in reversed(queue)]
    assert seen[5:] == sorted((session.pk for session in together), reverse=True)


def test_somebody_who_joins_between_two_pages_moves_nothing(monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)
    first, second, third, fourth = make_queue(4)
    page = history.sessions(Filters(), NOON)
    make_customer("Late", NOON + SECOND)
    assert [row.id for row in page.rows] == [fourth.pk, third.pk]
    assert listed(before=page.older) == [second.pk, first.pk]


def test_a_full_last_page_has_none_after_it(monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)
    make_queue(2)
    assert history.sessions(Filters(), NOON).older == ""


@pytest.mark.parametrize("cursor", ["1", "x-y", "-", "99999999999999999999999-00000000000040008000000000000000"])
def test_a_cursor_that_is_none_is_refused(cursor):
    with pytest.raises(InvalidInput):
        history.sessions(Filters(before=cursor), NOON)


def test_the_filters_choose(ana):
    waiting, ended = make_customer(at=NOON - MINUTE), make_ended(ana)
    his = make_call(make_staff("bo"), NOON + SECOND)
    assert listed(state=State.WAITING) == [waiting.pk]
    assert listed(outcome="resolved") == [ended.pk]
    assert listed(staff=ana) == [ended.pk]
    assert listed() == [his.pk, ended.pk, waiting.pk]


def test_those_who_waited_longer_taken_or_not(ana):
    taken, left, waiting = make_customer("1"), make_customer("2"), make_customer("3", NOON + 30 * SECOND)
    lifecycle.claim(taken.pk, ana, NOON + 20 * SECOND)
    lifecycle.leave(left.pk, NOON + 40 * SECOND)
    now = NOON + MINUTE  # the third has waited 30 s
    assert set(listed(now, waited_s=19)) == {taken.pk, left.pk, waiting.pk}
    assert set(listed(now, waited_s=20)) == {left.pk, waiting.pk}
    assert set(listed(now, waited_s=30)) == {left.pk}
    assert listed(now, waited_s=40) == []


def test_those_with_an_attempt_that_failed_so(ana):
    cy, di, ed = make_queue(3)
    make_report(cy, failure="ice")
    make_report(cy, setup_ms=80)  # connected all the same, afterwards
    make_report(di, "staff", failure="dtls")
    make_report(ed, failure="ice", accepted=False, reason="malformed")
    assert listed(failure="ice") == [cy.pk]
    assert listed(failure="ice", role="staff") == []
    assert listed(failure="dtls", role="staff") == [di.pk]
    assert listed(failure="no_media") == []


def test_relayed_on_either_side_and_direct_on_both():
    cy, di, ed, flo = make_queue(4)
    make_report(cy, "customer", 80, local_candidate="host", remote_candidate="relay")
    make_report(cy, "staff", 90, local_candidate="srflx", remote_candidate="host")
    make_report(di, "customer", 80, local_candidate="host", remote_candidate="host")
    make_report(ed, failure="ice", local_candidate="relay")  # never connected: neither
    make_report(flo, "staff", 80, local_candidate="relay", accepted=False, reason="out_of_range")
    assert listed(relay=True) == [cy.pk]
    assert listed(relay=False) == [di.pk]


@pytest.mark.parametrize(
    ("range_", "fits"),
    [
        ({"setup_from_ms": 100}, True),
        ({"setup_from_ms": 120}, True),
        ({"setup_from_ms": 121}, False),
        ({"setup_to_ms": 120}, False),
        ({"setup_to_ms": 121}, True),
        ({"setup_from_ms": 50, "setup_to_ms": 100}, False),
        ({"setup_from_ms": 50, "setup_to_ms": 100, "role": "customer"}, True),
        ({"setup_from_ms": 0, "setup_to_ms": 100, "role": "staff"}, False),
    ],
)
def test_the_longest_setup_decides(range_, fits):
    cy, _unconnected = make_queue(2)
    make_report(cy, "customer", 60)
    make_report(cy, "customer", 80)
    make_report(cy, "staff", 120)
    make_report(cy, "staff", 5000, accepted=False, reason="over_server_clock")
    assert listed(**range_) == ([cy.pk] if fits else [])


def test_those_who_joined_within_a_time():
    first, second, third = make_queue(3, NOON)
    assert listed(since=second.joined_at) == [third.pk, second.pk]
    assert listed(until=second.joined_at) == [first.pk]
    assert listed(since=second.joined_at, until=third.joined_at) == [second.pk]


def test_the_self_tests_own():
    cy, di = make_queue(2)
    SupportSession.objects.filter(pk=di.pk).update(synthetic=True)
    assert (listed(synthetic=True), listed(synthetic=False)) == ([di.pk], [cy.pk])


def test_those_to_be_called_back_are_listed_and_have_waited_until_now():
    di = SupportSession.objects.create(
        state=State.CALLBACK, callback=True, language="en", joined_at=NOON, last_seen_at=NOON
    )
    make_customer(at=NOON)
    (row,) = history.sessions(Filters(state=State.CALLBACK), NOON + MINUTE).rows
    assert (row.id, row.waited_s, row.callback) == (di.pk, 60, True)
    assert di.pk in listed(NOON + MINUTE, waited_s=59)
    assert di.pk not in listed(NOON + MINUTE, waited_s=60)


@pytest.mark.parametrize("few", [0, 1, 2_000], ids=lambda few: f"few are {few}")
def test_whichever_way_they_are_found_they_are_the_same(monkeypatch, ana, few):
    """Collected by an index, or met among the newest: the cursor, the other filters and the order hold either way."""
    monkeypatch.setattr(criteria, "FEW", few)
    monkeypatch.setattr(history, "PAGE", 2)
    queue = make_queue(6)
    for number, session in enumerate(queue):
        make_report(session, "customer", 50 + 10 * number, local_candidate="relay" if number % 2 else "host")
        make_report(session, "staff", failure="ice")
    lifecycle.claim(queue[1].pk, ana, NOON)
    asked = {"failure": "ice", "relay": True, "setup_from_ms": 60, "waited_s": 0}
    expected = [queue[number].pk for number in (5, 3, 1)]
    assert [pk for page in all_pages(NOON + SECOND, **asked) for pk in page] == expected
    assert listed(NOON + SECOND, **asked, staff=ana) == [queue[1].pk]


def test_a_row_says_what_was_believed_of_the_connection():
    (cy,) = make_queue(1)
    make_report(cy, "customer", 60, remote_candidate="relay")
    make_report(cy, "staff", 120)
    make_report(cy, "staff", failure="ice")
    make_report(cy, "customer", failure="ice")
    make_report(cy, "staff", 9000, accepted=False, reason="over_server_clock")
    (row,) = history.sessions(Filters(), NOON).rows
    assert (row.setup_ms, row.relayed, row.failures) == (120, True, ["ice"])
    assert timeline(cy.pk, NOON).session == row


def test_a_rows_times_are_those_of_the_session(handed_back):
    (row,) = history.sessions(Filters(), NOON).rows
    assert (row.waited_s, row.connected_after_ms, row.talked_s) == (240, 1500.0, 298)
    assert (row.staff, row.outcome, row.state) == ("ana", "resolved", State.ENDED)
    assert timeline(handed_back.pk, NOON).session == row


def test_the_parts_follow_each_other_from_the_join_to_the_end(handed_back):
    parts = timeline(handed_back.pk, NOON).parts
    assert [(part.kind, part.lasts_s) for part in parts] == [
        ("waiting", 60),
        ("returned", 60),
        ("waiting", 120),
        ("connecting", 1),
        ("talking", 298),
    ]
    assert parts[0].began == handed_back.joined_at
    assert parts[-1].ended == handed_back.ended_at
    assert all(part.ended == after.began for part, after in pairwise(parts))
    assert sum(part.percent for part in parts) == pytest.approx(100, abs=0.01)


def test_the_events_of_a_session_in_order(handed_back):
    events = timeline(handed_back.pk, NOON).events
    kinds = ["joined", "waiting", "returned", "waiting", "connecting", "talking", "closed"]
    assert [event.kind for event in events] == kinds
    assert [event.after_s for event in events] == [0, 0, 60, 120, 240, 241, 540]
    stays = [event.stay for event in events if event.stay]
    rows = QueueEntry.objects.filter(session=handed_back).order_by("pk")
    assert [(stay.began, stay.ended, stay.position) for stay in stays] == [
        (row.joined_at, row.left_at, row.position_at_join) for row in rows
    ]


def test_what_goes_on_is_counted_up_to_now(ana):
    call = make_call(ana)
    seen = timeline(call.pk, NOON + 90 * SECOND)
    assert seen.going_on
    assert seen.session.talked_s == 90
    assert [(part.kind, part.ended) for part in seen.parts] == [("talking", NOON + 90 * SECOND)]
    assert seen.events[-1].kind == "talking"


def test_a_claim_that_nobody_answered_is_named_with_the_stay_after_it():
    bo, cy = make_staff("bo"), make_customer()
    lifecycle.claim(cy.pk, bo, NOON + SECOND)
    stay_present(cy, NOON + 9 * MINUTE)
    assert sweeping.return_unanswered(NOON + 9 * MINUTE) == 1
    stays = [event.stay for event in timeline(cy.pk, NOON + 9 * MINUTE).events if event.stay]
    assert [stay.unanswered_by for stay in stays] == ["", "bo"]


def test_a_session_that_has_just_begun_has_no_parts_yet():
    assert timeline(make_customer().pk, NOON).parts == []


@pytest.mark.parametrize(
    ("was", "grade"), [(119, "shorter"), (120, "kept"), (360, "kept"), (361, "longer")], ids=lambda given: str(given)
)
def test_what_was_told_at_the_join_is_graded(ana, was, grade):
    cy = make_customer()
    QueueEntry.objects.update(expected_least_min=2, expected_most_min=6)
    stay_present(cy, NOON + was * SECOND)
    lifecycle.claim(cy.pk, ana, NOON + was * SECOND)
    quote = timeline(cy.pk, NOON + was * SECOND).events[1].stay.quote
    assert (quote.least_min, quote.most_min, quote.grade) == (2, 6, grade)


def test_a_stay_that_nobody_ended_by_a_claim_is_not_graded():
    cy = make_customer()
    QueueEntry.objects.update(expected_least_min=2, expected_most_min=6)
    assert timeline(cy.pk, NOON + MINUTE).events[1].stay.quote.grade == ""
    lifecycle.leave(cy.pk, NOON + 20 * MINUTE)
    assert timeline(cy.pk, NOON).events[1].stay.quote.grade == ""


def test_without_an_estimate_there_is_nothing_to_grade():
    assert timeline(make_customer().pk, NOON).events[1].stay.quote is None


def test_an_end_that_was_noticed_later_is_dated_back():
    gone, left = make_customer("1"), make_customer("2")
    lifecycle.leave(left.pk, NOON + SECOND)
    sweeping.abandon_gone(NOON + timedelta(hours=1))
    assert timeline(gone.pk, NOON).dated_back
    assert not timeline(left.pk, NOON).dated_back


def test_what_was_cleared_is_not_shown_even_if_something_was_left(handed_back):
    now = NOON + timedelta(days=1)
    SupportSession.objects.update(anonymized_at=now)
    seen = timeline(handed_back.pk, now)
    assert (seen.name, seen.topic, seen.note) == ("", "", "")


def test_an_unknown_session_is_said_to_be_unknown(handed_back):
    SupportSession.objects.all().delete()
    with pytest.raises(UnknownSession):
        timeline(handed_back.pk, NOON)
