"""What members of staff do, stretch by stretch: every way between two states, and what ends by itself."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from monitoring.models import AuditEntry
from sessions_app import duty, lifecycle, sweeping
from sessions_app.errors import CallFirst, DeskError, DutyMoved, InvalidInput, NotOnDuty
from sessions_app.models import StaffPeriod
from tests.factories import NOON, SECOND, make_call, make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_staff("ana")


def at_noon_and(seconds):
    return NOON + seconds * SECOND


def lived(staff):
    """The states that `staff` went through: each with the seconds after noon at which it began and ended."""
    rows = StaffPeriod.objects.filter(staff=staff).order_by("pk")
    return [(row.state, *(at and (at - NOON).total_seconds() for at in (row.began_at, row.ended_at))) for row in rows]


def open_period(staff):
    return StaffPeriod.objects.get(staff=staff, ended_at=None)


def test_a_day_without_customers(ana):
    duty.start(ana, NOON)
    duty.pause(ana, "break", at_noon_and(10))
    assert open_period(ana).reason == "break"
    duty.pause(ana, "meeting", at_noon_and(20))
    duty.ready(ana, at_noon_and(30))
    duty.stop(ana, at_noon_and(40))
    assert lived(ana) == [("available", 0, 10), ("paused", 10, 20), ("paused", 20, 30), ("available", 30, 40)]
    told = AuditEntry.objects.order_by("at").values_list("action", "target", "detail")
    assert list(told) == [
        ("start_work", "user ana", {}),
        ("pause", "user ana", {"reason": "break"}),
        ("pause", "user ana", {"reason": "meeting"}),
        ("ready", "user ana", {}),
        ("stop_work", "user ana", {}),
    ]


def test_a_call_from_taking_to_the_end_of_wrap_up(ana):
    duty.start(ana, NOON)
    session = make_call(ana, at_noon_and(10))
    assert (open_period(ana).state, open_period(ana).session) == ("in_call", session)
    lifecycle.end(session.pk, ana, "resolved", "", at_noon_and(100))
    assert (open_period(ana).state, open_period(ana).session) == ("wrap_up", session)
    duty.ready(ana, at_noon_and(130))
    assert lived(ana) == [
        ("available", 0, 10),
        ("in_call", 10, 100),
        ("wrap_up", 100, 130),
        ("available", 130, None),
    ]


def test_who_is_ready_already_stays_so(ana):
    duty.start(ana, NOON)
    duty.ready(ana, at_noon_and(10))
    assert lived(ana) == [("available", 0, None)]


def test_one_reading_serves_consoles_in_every_language(ana):
    duty.start(ana, NOON)
    duty.pause(ana, "break", NOON)
    (member,) = duty.members(NOON)
    with translation.override("tr"):
        said = str(member.state_label), str(member.reason_label)
        assert said == (gettext("Paused"), gettext("Break"))
    assert isinstance(member.state_label, Promise)
    assert isinstance(member.reason_label, Promise)


def test_only_what_a_person_did_by_a_button_of_duty_is_audited(ana):
    lifecycle.end(make_call(ana).pk, ana, "resolved", "", at_noon_and(10))
    duty.sweep(at_noon_and(70))
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"claim", "end"}


def test_who_takes_a_customer_is_on_duty(ana):
    make_call(ana)
    assert lived(ana) == [("in_call", 0, None)]


def test_a_customer_may_be_taken_during_a_pause_and_during_wrap_up(ana):
    duty.start(ana, NOON)
    duty.pause(ana, "other_work", NOON)
    lifecycle.end(make_call(ana, at_noon_and(5)).pk, ana, "resolved", "", at_noon_and(10))
    make_call(ana, at_noon_and(15))
    assert lived(ana)[1:] == [("paused", 0, 5), ("in_call", 5, 10), ("wrap_up", 10, 15), ("in_call", 15, None)]


def test_who_hands_back_is_available_and_the_talk_stays_with_the_session(ana):
    session = make_call(ana)
    lifecycle.requeue(session.pk, ana, at_noon_and(9))
    assert lived(ana) == [("in_call", 0, 9), ("available", 9, None)]
    assert StaffPeriod.objects.get(state="in_call").session == session


def test_an_unanswered_claim_leaves_staff_available_and_is_nobodys_talk(ana):
    lifecycle.claim(make_customer().pk, ana, NOON)
    sweeping.heartbeat([StaffPeriod.objects.get().session_id], at_noon_and(30))
    sweeping.return_unanswered(at_noon_and(31))
    assert lived(ana) == [("in_call", 0, 31), ("available", 31, None)]
    assert not StaffPeriod.objects.exclude(session=None)


def leaves(session, ana, now):
    lifecycle.leave(session.pk, now)


def is_gone(session, ana, now):
    sweeping.abandon_gone(now)


def expires(session, ana, now):
    sweeping.expire_stale(now)


@pytest.mark.parametrize(("goes", "after"), [(leaves, 40), (is_gone, 400), (expires, 9 * 3600)])
def test_wrap_up_follows_whoever_ended_the_call_from_when_that_was_noticed(ana, goes, after):
    session = make_call(ana)
    goes(session, ana, at_noon_and(after))
    assert lived(ana) == [("in_call", 0, after), ("wrap_up", after, None)]
    assert open_period(ana).session == session


def test_there_is_nothing_to_wrap_up_when_nobody_talked(ana):
    session = lifecycle.claim(make_customer().pk, ana, NOON)
    lifecycle.leave(session.pk, at_noon_and(7))
    assert lived(ana) == [("in_call", 0, 7), ("available", 7, None)]


def test_wrap_up_ends_by_itself_exactly_at_its_limit(ana):
    session = make_call(ana)
    lifecycle.leave(session.pk, at_noon_and(20))
    assert duty.sweep(at_noon_and(79)) == 0
    assert duty.sweep(at_noon_and(83)) == 1
    assert lived(ana) == [("in_call", 0, 20), ("wrap_up", 20, 80), ("available", 80, None)]
    assert duty.sweep(at_noon_and(83)) == 0


def test_what_comes_after_a_wrap_up_that_nobody_swept_is_dated_as_if_somebody_had(ana):
    lifecycle.leave(make_call(ana).pk, at_noon_and(20))
    duty.pause(ana, "break", at_noon_and(100))
    assert lived(ana)[1:] == [("wrap_up", 20, 80), ("available", 80, 100), ("paused", 100, None)]


def test_wrap_up_can_be_done_without(ana, settings):
    settings.DESK_WRAP_UP_S = 0
    lifecycle.leave(make_call(ana).pk, at_noon_and(20))
    assert lived(ana) == [("in_call", 0, 20), ("available", 20, None)]


@pytest.mark.parametrize("session_goes_on", [True, False])
def test_the_session_may_be_written_up_from_its_end_until_the_next_step(ana, session_goes_on):
    session = make_call(ana)
    assert not duty.may_write_up(ana.pk, session.pk)
    lifecycle.leave(session.pk, at_noon_and(20))
    assert duty.may_write_up(ana.pk, session.pk)
    duty.sweep(at_noon_and(200))
    assert duty.may_write_up(ana.pk, session.pk), "who is still writing when wrap-up runs out loses nothing"
    if session_goes_on:
        make_call(ana, at_noon_and(201))
    else:
        duty.ready(ana, at_noon_and(201))
    assert not duty.may_write_up(ana.pk, session.pk)


@pytest.mark.parametrize(
    ("state", "action", "error"),
    [
        ("off", duty.ready, NotOnDuty),
        ("off", duty.stop, NotOnDuty),
        ("off", lambda ana, now: duty.pause(ana, "break", now), NotOnDuty),
        ("on", duty.start, DutyMoved),
        ("on", lambda ana, now: duty.pause(ana, "boredom", now), InvalidInput),
        ("call", duty.start, DutyMoved),
        ("call", duty.ready, CallFirst),
        ("call", duty.stop, CallFirst),
        ("call", lambda ana, now: duty.pause(ana, "break", now), CallFirst),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do_and_changes_nothing(ana, state, action, error):
    if state == "on":
        duty.start(ana, NOON)
    if state == "call":
        make_call(ana)
    before = lived(ana)
    with pytest.raises(error) as refusal:
        action(ana, at_noon_and(1))
    assert str(refusal.value).endswith(".")
    assert refusal.value.status in {409, 422}
    assert lived(ana) == before
    assert not AuditEntry.objects.filter(action__in=["start_work", "pause", "ready", "stop_work"])[1:]


def test_the_clock_of_another_process_makes_no_period_end_before_it_began(ana):
    duty.start(ana, at_noon_and(2))
    duty.pause(ana, "break", NOON)
    assert lived(ana) == [("available", 2, 2), ("paused", 2, None)]


@pytest.mark.parametrize("state", ["available", "paused", "wrap_up"])
def test_who_closed_the_console_is_off_duty_since_they_were_last_seen(ana, state, settings):
    settings.DESK_WRAP_UP_S = 3600
    duty.start(ana, NOON)
    if state == "paused":
        duty.pause(ana, "break", NOON)
    if state == "wrap_up":
        lifecycle.leave(make_call(ana).pk, NOON)
    duty.seen([ana.pk], at_noon_and(50))
    assert duty.sweep(at_noon_and(350)) == 0
    assert duty.on_duty(at_noon_and(350)) == (state != "paused")
    assert duty.on_duty(at_noon_and(351)) == 0, "also before anybody has swept"
    assert duty.sweep(at_noon_and(351)) == 1
    assert lived(ana)[-1] == (state, 0, 50)


def test_a_wrap_up_that_ran_out_is_no_sign_of_life(ana):
    lifecycle.leave(make_call(ana).pk, NOON)
    duty.sweep(at_noon_and(301))
    assert lived(ana)[1:] == [("wrap_up", 0, 60), ("available", 60, 60)]


def test_a_call_is_never_cut_by_a_console_that_is_closed(ana):
    make_call(ana)
    duty.sweep(at_noon_and(3600))
    assert lived(ana) == [("in_call", 0, None)]
    assert duty.on_duty(at_noon_and(3600)) == 1


def test_a_program_without_a_console_stays_on_duty_by_taking_and_ending(ana):
    for minute in range(0, 30, 5):
        at = NOON + timedelta(minutes=minute)
        session = make_call(ana, at)
        lifecycle.end(session.pk, ana, "resolved", "", at + 10 * SECOND)
    assert all(began == ended for (_, _, began), (_, ended, _) in zip(lived(ana), lived(ana)[1:], strict=False))


def test_on_duty_counts_those_who_serve(ana):
    bo, cem, dee = (make_staff(name) for name in ("bo", "cem", "dee"))
    assert duty.on_duty(NOON) == 0
    duty.start(ana, NOON)
    make_call(bo)
    lifecycle.leave(make_call(cem).pk, NOON)
    duty.start(dee, NOON)
    assert duty.on_duty(NOON) == 4
    duty.pause(dee, "training", NOON)
    duty.stop(ana, NOON)
    assert duty.on_duty(NOON) == 2


def test_a_server_that_was_down_takes_nobody_off_duty_and_counts_no_time_for_them(ana):
    bo = make_staff("bo")
    duty.start(ana, NOON)
    duty.pause(ana, "break", NOON)
    make_call(bo)
    back_at = NOON + timedelta(hours=9)
    sweeping.give_time(back_at)
    duty.sweep(back_at + 299 * SECOND)
    assert lived(ana)[1:] == [("paused", 0, 0), ("paused", 9 * 3600, None)]
    assert open_period(ana).reason == "break"
    assert lived(bo) == [("in_call", 0, None)]
    duty.sweep(back_at + 301 * SECOND)
    assert lived(ana)[-1] == ("paused", 9 * 3600, 9 * 3600)


def test_the_database_knows_one_open_period_of_a_person(ana):
    """Both tabs have found nobody on duty: the second is told, in a sentence."""
    duty._begin(ana.pk, "available", NOON)
    with pytest.raises(DutyMoved, match="perhaps in another tab"):
        duty._begin(ana.pk, "available", NOON)


def test_whoever_comes_second_from_the_same_state_is_told(ana):
    """Both tabs have read the same open period before either wrote."""
    duty.start(ana, NOON)
    read_by_both = open_period(ana)
    duty.pause(ana, "break", at_noon_and(1))
    with pytest.raises(DutyMoved):
        duty._turn(read_by_both, "available", at_noon_and(1))
    assert lived(ana) == [("available", 0, 1), ("paused", 1, None)]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_press_at_once_leave_one_open_period(ana):
    told, together = [], threading.Barrier(4)

    def press(action):
        together.wait()
        try:
            action()
            told.append(200)
        except DeskError as error:
            told.append(error.status)
        finally:
            connection.close()

    tabs = [threading.Thread(target=press, args=(lambda: duty.start(ana, NOON),)) for _ in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert sorted(told) == [200, 409, 409, 409]
    assert lived(ana) == [("available", 0, None)]


def test_a_sign_of_life_meanwhile_saves_from_being_swept(ana):
    duty.start(ana, NOON)
    found = open_period(ana)
    duty.seen([ana.pk], at_noon_and(300))
    assert duty._settle(found, at_noon_and(301)) is False
    assert StaffPeriod.objects.filter(Q(ended_at=None), staff=ana).exists()
