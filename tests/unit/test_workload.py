"""How busy staff were and how long they handled whom, against second-by-second notes."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app import duty, lifecycle, sweeping
from sessions_app.errors import DeskError
from sessions_app.models import StaffPeriod, SupportSession
from sessions_app.service import service
from sessions_app.tallying import SECOND_US
from sessions_app.workload import Work, no_works, spend, stretches, together
from tests.factories import NOON, SECOND, make_call, make_ended, make_staff
from tests.unit.test_service import at_noon_and

pytestmark = pytest.mark.django_db


def works_within(since, until):
    works = no_works()
    spend(works, stretches(since, until, until), since, until)
    return works


def test_of_a_period_counts_what_lies_within_the_window():
    ana = make_staff()
    duty.start(ana, NOON - timedelta(hours=3))
    StaffPeriod.objects.update(last_seen_at=NOON)
    duty.pause(ana, "break", NOON - timedelta(minutes=30))
    StaffPeriod.objects.update(last_seen_at=NOON)
    duty.ready(ana, NOON - timedelta(minutes=20))
    hour = timedelta(hours=1)
    work = works_within(NOON - hour, NOON)[ana.pk]
    assert work == Work(available_us=50 * 60 * SECOND_US, break_us=10 * 60 * SECOND_US)
    assert (work.on_duty_us, work.occupancy) == (3600 * SECOND_US, 0)
    before = works_within(NOON - 2 * hour, NOON - hour)[ana.pk]
    assert before == Work(available_us=3600 * SECOND_US), "nor does what lies after it"


def test_who_was_only_paused_has_no_occupancy():
    ana = make_staff()
    duty.start(ana, NOON)
    duty.pause(ana, "training", NOON)
    assert service(at_noon_and(60)).occupancy is None
    (row,) = service(at_noon_and(60)).staff
    assert (row.handled, row.aht_s, row.on_duty_s, row.occupancy) == (0, None, 60, None)


def test_a_wrap_up_that_no_sweep_has_ended_counts_up_to_its_limit():
    make_ended(make_staff(), NOON, lasted=40 * SECOND)
    assert service(at_noon_and(200)).aht_s == 100


def test_who_handed_back_and_who_ended_have_each_their_part_of_the_handling():
    ana, bo = make_staff("ana"), make_staff("bo")
    session = make_call(ana)
    lifecycle.requeue(session.pk, ana, at_noon_and(30))
    lifecycle.claim(session.pk, bo, at_noon_and(32))
    lifecycle.connected(session.pk, at_noon_and(35))
    lifecycle.end(session.pk, bo, "resolved", "", at_noon_and(55))
    duty.ready(bo, at_noon_and(60))
    seen = service(at_noon_and(100))
    # 30 s before the handing back, 20 s of talk, 5 s of wrap-up; not the 3 s in which bo was connecting.
    assert (seen.handled, seen.aht_s) == (1, 55)
    assert {row.staff: row.aht_s for row in seen.staff} == {"ana": None, "bo": 25}


def test_a_claim_that_nobody_answered_is_no_handling():
    ana = make_staff()
    session = lifecycle.join("Cy", "", "en", NOON)
    lifecycle.claim(session.pk, ana, NOON)
    sweeping.return_unanswered(at_noon_and(31))
    sweeping.heartbeat([session.pk], at_noon_and(32))
    lifecycle.claim(session.pk, ana, at_noon_and(32))
    lifecycle.connected(session.pk, at_noon_and(32))
    lifecycle.end(session.pk, ana, "resolved", "", at_noon_and(42))
    duty.ready(ana, at_noon_and(42))
    assert service(at_noon_and(50)).aht_s == 10


def test_staff_whose_customer_is_gone_were_busy_until_that_was_noticed(settings):
    settings.DESK_WRAP_UP_S = 0
    make_call(make_staff())
    sweeping.abandon_gone(at_noon_and(300))
    seen = service(at_noon_and(400))
    assert seen.occupancy == 300 / 400
    assert seen.aht_s == 0, "the talk itself ended when the customer was last seen"


def test_together_is_the_sum_and_nobody_is_nothing():
    assert together([Work(1, 2, 3), Work(10, 20, 30)]) == Work(11, 22, 33)
    assert together([]).occupancy is None


STEPS = st.tuples(
    st.sampled_from(["ana", "bo"]),
    st.sampled_from(["start", "pause", "ready", "stop", "take", "connect", "requeue", "end", "leave", "sweep"]),
    st.integers(0, 90),
)


def try_step(step, staff, session, now):
    acts = {
        "start": lambda: duty.start(staff, now),
        "pause": lambda: duty.pause(staff, "break", now),
        "ready": lambda: duty.ready(staff, now),
        "stop": lambda: duty.stop(staff, now),
        "take": lambda: lifecycle.claim(lifecycle.join("Cy", "", "en", now).pk, staff, now),
        "connect": lambda: lifecycle.connected(session.pk, now),
        "requeue": lambda: lifecycle.requeue(session.pk, staff, now),
        "end": lambda: lifecycle.end(session.pk, staff, "other", "", now),
        "leave": lambda: lifecycle.leave(session.pk, now),
        "sweep": lambda: duty.sweep(now),
    }
    if session or step in {"start", "pause", "ready", "stop", "take", "sweep"}:
        try:
            acts[step]()
        except DeskError:
            return


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25), window_s=st.integers(1, 1200))
def test_whatever_staff_do_their_periods_follow_each_other_and_occupancy_is_a_share(steps, window_s):
    StaffPeriod.objects.all().delete()
    SupportSession.objects.all().delete()
    people = {name: duty.User.objects.filter(username=name).first() or make_staff(name) for name in ("ana", "bo")}
    now = NOON
    for name, step, pause in steps:
        now += pause * SECOND
        held = SupportSession.objects.filter(staff=people[name], state__in=("connecting", "active")).first()
        try_step(step, people[name], held, now)
    duty.sweep(now)

    periods = list(StaffPeriod.objects.order_by("pk"))
    for staff in people.values():
        own = [period for period in periods if period.staff_id == staff.pk]
        assert all(before.ended_at <= after.began_at for before, after in pairwise(own))
    since = now - window_s * SECOND
    seconds = Counter()
    for second in range(window_s):
        at = since + second * SECOND
        here = [period for period in periods if period.began_at <= at < (period.ended_at or now)]
        seconds.update(period.state for period in here)
    work = together(works_within(since, now).values())
    assert work == Work(
        available_us=seconds["available"] * SECOND_US,
        in_call_us=seconds["in_call"] * SECOND_US,
        wrap_up_us=seconds["wrap_up"] * SECOND_US,
        break_us=seconds["paused"] * SECOND_US,
    )
    assert work.occupancy is None or 0 <= work.occupancy <= 1
    assert work.on_duty_us <= 2 * window_s * SECOND_US
    rows = service(now, "1h").staff
    assert all(row.occupancy is None or 0 <= row.occupancy <= 1 for row in rows)
