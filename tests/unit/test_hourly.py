"""Hours that were kept and hours that are counted anew come to the same, whenever they were kept."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from sessions_app import duty, hourly, hourly_keeping, jobs, lifecycle, minute_keeping, sweeping
from sessions_app.errors import DeskError
from sessions_app.hourly_models import HourTally, MinuteTally, StaffHour
from sessions_app.models import HELD, QueueEntry, StaffPeriod, State, SupportSession
from sessions_app.service import LENGTHS, TODAY, service
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_staff

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def within(day, zone, settings):
    settings.TIME_ZONE = zone
    since, until = hourly.midnight(day), hourly.midnight(day + timedelta(days=1))
    return list(hourly.hours(since, until)), since, until


@pytest.mark.parametrize(
    ("zone", "day", "number"),
    [
        ("UTC", date(2026, 3, 2), 24),
        ("Europe/Istanbul", date(2026, 3, 2), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Kathmandu", date(2026, 3, 2), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25),  # 24.5 hours
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
        ("Asia/Beirut", date(2026, 3, 29), 23),  # midnight does not come
    ],
)
def test_a_day_has_as_many_hours_as_its_clock_shows(zone, day, number, settings):
    found, since, until = within(day, zone, settings)
    assert len(found) == number
    assert found[0][0] == since
    assert found[-1][1] == until
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert all(timedelta() < ends - began <= HOUR for began, ends in found)


def test_the_hours_that_a_stretch_touches_are_whole(settings):
    settings.TIME_ZONE = "Asia/Kathmandu"  # 5:45 ahead
    since = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert next(hourly.hours(since, since + MINUTE))[0] == datetime(2026, 3, 2, 11, 15, tzinfo=UTC)


def a_day(staff):
    for hour in range(6):
        make_ended(staff, NOON - hour * HOUR, lasted=7 * MINUTE)
        lifecycle.leave(make_customer(at=NOON - hour * HOUR).pk, NOON - hour * HOUR + 40 * SECOND)
    StaffPeriod.objects.filter(ended_at=None).update(ended_at=NOON + HOUR)


def test_what_is_kept_is_read_and_not_the_rows(django_assert_num_queries):
    a_day(make_staff())
    now = NOON + 2 * HOUR
    before = service(now)
    done, left = hourly_keeping.keep(now)
    assert (done, left) == (62 * 24 - 1, 0)  # the last one is only just over
    with django_assert_num_queries(8):  # hours, minutes, four of the rest, sums of staff and names
        assert service(now) == before
    SupportSession.objects.update(joined_at=NOON - timedelta(days=99), claimed_at=None, staff=None, connected_at=None,
                                  state="abandoned", outcome="")  # fmt: skip
    assert service(now).answered == before.answered


def test_a_second_run_has_nothing_to_do_and_a_changed_setting_has_all_counted_anew(settings):
    a_day(make_staff())
    now = NOON + 2 * HOUR
    hourly_keeping.keep(now)
    assert hourly_keeping.keep(now) == (0, 0)
    settings.DESK_SERVICE_TARGET_S, settings.DESK_SHORT_ABANDON_S = 60, 50
    assert (service(now).abandoned, service(now).short_abandons) == (0, 6), "not what was kept with another target"
    assert hourly_keeping.keep(now)[0] > 1000
    settings.TIME_ZONE = "Asia/Kathmandu"
    rows = service(now)
    hourly_keeping.keep(now)
    assert service(now) == rows


def test_an_hour_with_somebody_still_there_is_not_kept():
    ana, bo = make_staff("ana"), make_staff("bo")
    make_customer(at=NOON - 4 * HOUR)
    make_call(ana, NOON - 2 * HOUR)
    duty.start(bo, NOON - 1 * HOUR)
    StaffPeriod.objects.filter(staff=bo).update(last_seen_at=NOON - 30 * MINUTE)
    hourly_keeping.keep(NOON)
    kept = set(HourTally.objects.values_list("since", flat=True))
    hours = {number for number in range(1, 7) if NOON - number * HOUR in kept}
    assert hours == {6, 5, 3}, "neither that of who waits or talks, nor from when bo has not been seen"


def test_the_newest_come_first_and_the_rest_is_left_for_the_next_run(monkeypatch):
    clock = iter([0.0, 0.0, 9.0, 9.0])
    monkeypatch.setattr(hourly_keeping.time, "monotonic", lambda: next(clock))
    assert hourly_keeping.keep(NOON, within_s=5) == (24, 62 * 24 - 1 - 24)
    assert HourTally.objects.latest("since").since == NOON - 2 * HOUR
    assert HourTally.objects.earliest("since").since == NOON - 25 * HOUR


def test_old_hours_are_forgotten():
    hourly_keeping.keep(NOON)
    hourly_keeping.keep(NOON + timedelta(days=70))
    assert HourTally.objects.earliest("since").since >= NOON + timedelta(days=7)


def test_the_job_says_what_it_did():
    assert re.fullmatch(
        r"Counted 148\d hours of the desk that are over; 0 are left for the next run.", jobs.desk_hours()
    )


def ana_once():
    return User.objects.filter(username="ana").first() or make_staff("ana")


OFTEN = ["join", "take", "end", "minutes"]
SELDOM = ["claim", "connect", "requeue", "leave", "pause", "ready", "keep", "target", "wrap_up"]
STEPS = st.tuples(
    st.sampled_from(OFTEN * 3 + SELDOM),
    st.sampled_from([0, 3, 20, 45, 90, 240, 280, 1500]),
    st.integers(0, 2),
    st.booleans(),  # whether they are at the desk, or gone after a while
    st.booleans(),  # whether it is noticed what is over
)
# An ordinary noon; shortly before the clocks go forward, or back, by an hour or by half of one.
STARTS = st.sampled_from(
    [
        (NOON, "UTC"),
        (datetime(2026, 3, 29, 0, 40, tzinfo=UTC), "Europe/Berlin"),
        (datetime(2026, 10, 25, 0, 40, tzinfo=UTC), "Europe/Berlin"),
        (datetime(2026, 4, 4, 14, 40, tzinfo=UTC), "Australia/Lord_Howe"),
    ]
)


def does(step, which, ana, now, settings):
    """Whatever is possible at that moment."""
    waiting = list(SupportSession.objects.filter(state=State.WAITING).order_by("joined_at"))
    held = SupportSession.objects.filter(state__in=HELD).first()
    one = waiting[which % len(waiting)] if waiting else None
    acts = {
        "join": lambda: make_customer(at=now),
        "claim": lambda: one and lifecycle.claim(one.pk, ana, now),
        "connect": lambda: held and lifecycle.connected(held.pk, now),
        "take": lambda: one and lifecycle.claim(one.pk, ana, now) and lifecycle.connected(one.pk, now),
        "ready": lambda: duty.ready(ana, now),
        "requeue": lambda: held and lifecycle.requeue(held.pk, ana, now),
        "end": lambda: held and lifecycle.end(held.pk, ana, "other", "", now),
        "leave": lambda: one and lifecycle.leave(one.pk, now),
        "pause": lambda: duty.pause(ana, "meeting", now),
        "keep": lambda: hourly_keeping.keep(now),
        "minutes": lambda: minute_keeping.keep(now),
        "target": lambda: setattr(settings, "DESK_SERVICE_TARGET_S", 15 * which),
        "wrap_up": lambda: setattr(settings, "DESK_WRAP_UP_S", (0, 30, 300)[which % 3]),
    }
    try:
        acts[step]()
    except DeskError:
        return


@given_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(STEPS, min_size=8, max_size=40),
    cut=st.integers(0, 600),
    start=STARTS,
    waits=st.sampled_from([0, 50, 50, 3600]),
)
def test_whatever_happens_and_whenever_it_was_kept_all_figures_are_the_same(
    steps, cut, start, waits, monkeypatch, settings
):
    monkeypatch.setattr(hourly_keeping, "KEPT", timedelta(days=1))
    monkeypatch.setattr(minute_keeping, "UNFINISHED", 6 * HOUR)
    monkeypatch.setattr(minute_keeping, "EDGES", ())
    for model in (StaffHour, HourTally, MinuteTally, QueueEntry, StaffPeriod, SupportSession):
        model.objects.all().delete()
    began, settings.TIME_ZONE = start
    settings.DESK_SERVICE_TARGET_S, settings.DESK_WRAP_UP_S = 20, 60
    ana, now = ana_once(), began
    for step, pause, which, seen, noticed in steps:
        now += pause * SECOND
        SupportSession.objects.filter(state__in=("waiting", *HELD)).update(last_seen_at=now)
        QueueEntry.objects.filter(left_at=None).update(expected_least_min=1, expected_most_min=5)
        if seen:
            duty.seen([ana.pk], now)
        if noticed:
            sweeping.sweep(now)
        does(step, which, ana, now, settings)
    now += waits * SECOND
    if waits != 50:
        minute_keeping.keep(now)
        hourly_keeping.keep(now)
    spans = [(now - 7 * HOUR, None), (now - 3 * HOUR, now - HOUR + cut * SECOND), (began + cut * SECOND, None)]
    kept = [service(now, window) for window in (TODAY, *LENGTHS)] + [sums(*span, now) for span in spans]
    HourTally.objects.all().delete()
    MinuteTally.objects.all().delete()
    assert kept == [service(now, window) for window in (TODAY, *LENGTHS)] + [sums(*span, now) for span in spans]


def sums(since, until, now):
    """All of a stretch, and each hour of it; the same as the hours one by one."""
    found = hourly.look(since, now, until)
    return found.tally, dict(found.works), [(part.since, part.until, part.tally) for part in found.parts]
