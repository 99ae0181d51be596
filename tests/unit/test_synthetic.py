"""A customer of the self-test goes all the way and stands in nobody's way: no place, figure, count or mail is other."""

from dataclasses import asdict

import pytest
from django.utils import timezone

from sessions_app import gauges, lifecycle, queue, service, sweeping
from sessions_app.errors import AlreadyTaken, NobodyWaiting
from sessions_app.listeners import instruments, notifications
from sessions_app.models import Outcome, State, SupportSession
from sessions_app.pace import LEAST_ANSWERED, pace
from sessions_app.roles import SELFTEST
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_queue, make_staff

pytestmark = pytest.mark.django_db
LATER = NOON + 60 * SECOND


def make_synthetic(at=NOON):
    return lifecycle.join("Self-test", "", "en", at, synthetic=True)


def figures(now=LATER):
    """Whatever anybody is told of the desk, but for the rows that name its own customers."""
    service.forget()
    board = asdict(queue.board(now)) | {"held": queue.board(now).served}
    return board, pace(now), queue.positions(), [*gauges.read_now(), *gauges.read_past()], queue.first(now)


@pytest.fixture
def busy(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    ana = make_staff("ana")
    for _ in range(LEAST_ANSWERED):
        make_ended(ana, NOON - 600 * SECOND)
    make_call(ana, NOON - 9 * SECOND)
    make_queue(3, LATER)
    return ana


def test_no_figure_is_other_while_it_waits_is_taken_talks_and_ends(busy):
    tester = make_staff(SELFTEST)
    real = figures()
    session = make_synthetic()
    assert figures() == real
    lifecycle.claim(session.pk, tester, NOON + SECOND)
    assert figures() == real
    lifecycle.connected(session.pk, NOON + 2 * SECOND)
    assert figures() == real
    lifecycle.end(session.pk, tester, Outcome.RESOLVED, "", NOON + 3 * SECOND)
    assert figures() == real


def test_no_figure_is_other_when_it_is_left_behind(busy):
    tester = make_staff(SELFTEST)
    real = figures()
    session = make_synthetic()
    lifecycle.claim(session.pk, tester, NOON + SECOND)
    sweeping.return_unanswered(NOON + 32 * SECOND)
    assert figures() == real
    sweeping.abandon_gone(NOON + 40 * SECOND)
    assert SupportSession.objects.get(pk=session.pk).state == State.ABANDONED
    assert figures() == real


def test_nobody_is_told_and_nothing_is_counted(monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr(instruments, "count", lambda name, **_: told.append(name))
    monkeypatch.setattr(instruments.profiler, "record", lambda name, *_, **__: told.append(name))
    monkeypatch.setattr(notifications, "enqueue", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        session = make_synthetic()
        lifecycle.claim(session.pk, make_staff(SELFTEST), NOON)
        sweeping.return_unanswered(NOON + 32 * SECOND)
        lifecycle.leave(session.pk, LATER)
    assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        make_customer()
    assert told == ["customers_joined_total", "sessions_app.jobs.notify_staff"]


def test_only_the_self_tests_own_staff_take_it_and_they_take_nobody_else():
    ana, tester, synthetic = make_staff("ana"), make_staff(SELFTEST), make_synthetic()
    with pytest.raises(NobodyWaiting):
        lifecycle.claim_next(ana, NOON)
    with pytest.raises(AlreadyTaken):
        lifecycle.claim(synthetic.pk, ana, NOON)
    cy = make_customer()
    for take in (lambda: lifecycle.claim_next(tester, NOON), lambda: lifecycle.claim(cy.pk, tester, NOON)):
        with pytest.raises(AlreadyTaken):
            take()
    assert lifecycle.claim(synthetic.pk, tester, NOON).state == State.CONNECTING
    assert queue.board(NOON).held_by(tester.pk).synthetic
