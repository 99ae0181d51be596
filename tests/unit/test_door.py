"""When the desk is open, in TIME_ZONE, also when the clocks change; and what the door says besides."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone, translation
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from adminara import env
from sessions_app import door, lifecycle
from sessions_app.errors import DeskClosed, QueueFull
from sessions_app.models import QueueEntry, StaffPeriod, SupportSession
from tests.factories import NOON, SECOND, make_customer, make_queue, make_staff

MINUTE, DAY = timedelta(minutes=1), 24 * 60
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SPRING, AUTUMN = datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 10, 25, tzinfo=BERLIN)  # Sundays at midnight


@pytest.fixture
def hours(monkeypatch, settings):
    def keep(text, zone="UTC"):
        monkeypatch.setenv("DESK_HOURS", text)
        settings.DESK_HOURS = env.weekly_hours("DESK_HOURS")
        settings.TIME_ZONE = zone

    return keep


def on(day, clock, zone=BERLIN, fold=0):
    """A moment of October or March 2026 by the clock on the wall: `on("10-25", "02:30")`."""
    return datetime.fromisoformat(f"2026-{day}T{clock}").replace(tzinfo=zone, fold=fold)


def test_without_hours_the_desk_is_always_open(settings):
    settings.DESK_HOURS = []
    assert door.is_open(NOON)
    assert door.opens_next(NOON) == NOON


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [
        ("2026-03-02T08:59", False),  # a Monday
        ("2026-03-02T09:00", True),
        ("2026-03-06T16:59", True),
        ("2026-03-06T17:00", False),
        ("2026-03-06T22:00", True),
        ("2026-03-07T01:59", True),
        ("2026-03-07T02:00", False),
        ("2026-03-07T10:00", True),
        ("2026-03-07T14:00", False),
        ("2026-03-08T23:30", True),  # a Sunday: over the end of the week
        ("2026-03-09T00:30", True),
        ("2026-03-09T01:00", False),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(hours, clock, is_open):
    hours("mon-fri 09:00-17:00, sat 10:00-14:00, fri 22:00-02:00, SUN 23:00-01:00", "Europe/Istanbul")
    assert door.is_open(datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo("Europe/Istanbul"))) == is_open


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("mon 00:00-24:00", [(0, DAY)]),
        ("sun 22:00-02:00", [(6 * DAY + 22 * 60, 7 * DAY + 2 * 60)]),
        ("sat-mon 09:00-10:00", [(day * DAY + 540, day * DAY + 600) for day in (5, 6, 0)]),
        ("tue 09:00-12:00, tue 13:00-17:30", [(DAY + 540, DAY + 720), (DAY + 780, DAY + 1050)]),
        ("", []),
    ],
)
def test_hours_are_read_as_minutes_of_the_week(monkeypatch, text, ranges):
    monkeypatch.setenv("DESK_HOURS", text)
    assert env.weekly_hours("DESK_HOURS") == ranges


BAD = ["9-17", "mon 9:00-17:00", "mon 09:00-25:00", "mon 09:00-24:01", "mon 09:00-09:00", "mo 09:00-17:00",
       "mon-xxx 09:00-17:00", "mon 09:60-17:00", "mon 24:00-02:00", "mon 09:00", "mon 0٩:00-17:00"]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_bad_hours_are_named(monkeypatch, bad):
    monkeypatch.setenv("DESK_HOURS", f"sat 10:00-14:00, {bad}")
    with pytest.raises(ImproperlyConfigured, match=r"^DESK_HOURS=") as refused:
        env.weekly_hours("DESK_HOURS")
    assert repr(bad) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "now", "opens"),
    [
        ("mon-fri 09:00-17:00", on("03-27", "17:00"), on("03-30", "09:00")),  # the clocks change in between
        ("mon-fri 09:00-17:00", on("03-30", "08:59"), on("03-30", "09:00")),
        ("mon 09:00-10:00", on("03-23", "10:30"), on("03-30", "09:00")),
        ("sun 02:30-06:00", SPRING, on("03-29", "03:30")),  # a time that there is not
        ("sun 02:30-06:00", AUTUMN, on("10-25", "02:30", fold=0)),  # one that there is twice
        ("sun 02:45-03:15", SPRING, on("04-05", "02:45")),  # nothing is left of it in spring
    ],
)
def test_when_the_desk_opens_next(hours, text, now, opens):
    hours(text, "Europe/Berlin")
    assert not door.is_open(now)
    assert door.opens_next(now) == opens.astimezone(UTC)
    assert door.is_open(door.opens_next(now))


def test_a_night_shift_keeps_the_clock_on_the_wall_when_the_clocks_change(hours):
    hours("sat 22:00-06:00", "Europe/Berlin")
    for day in ("03-29", "10-25"):
        assert door.is_open(on(day, "05:59"))
        assert not door.is_open(on(day, "06:00"))
    assert door.is_open(on("10-25", "02:30", fold=1))


days = st.integers(0, 6)
ranges = st.lists(
    st.tuples(days, st.integers(0, DAY - 1), st.integers(1, DAY)).map(
        lambda it: (it[0] * DAY + it[1], sum(it[1:]) + it[0] * DAY)
    ),
    min_size=1,
    max_size=6,
)
moments = st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 10), timezones=st.just(UTC))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
often = trying(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(ranges, moments, zones)
@example([(6 * DAY + 120, 6 * DAY + 180)], SPRING.astimezone(UTC), "Europe/Berlin")
@example([(6 * DAY + 120, 6 * DAY + 180)], AUTUMN.astimezone(UTC), "Europe/Berlin")
def test_the_next_opening_is_the_first_moment_at_which_a_closed_desk_is_open(settings, ranges, now, zone):
    settings.DESK_HOURS, settings.TIME_ZONE = ranges, zone
    assume(not door.is_open(now))
    opens = door.opens_next(now)
    assert door.is_open(opens)
    assert now < opens <= now + timedelta(days=14)
    step = (opens - now) / 40
    assert not any(door.is_open(now + part * step) for part in range(40))
    assert not door.is_open(opens - timedelta(microseconds=1))


@often
@given(ranges, moments, zones)
def test_away_from_a_change_of_the_clocks_it_is_open_when_the_wall_says_so(settings, ranges, now, zone):
    settings.DESK_HOURS, settings.TIME_ZONE = ranges, zone
    here = now.astimezone(ZoneInfo(zone))
    assume(here.utcoffset() == (now - 2 * timedelta(days=1)).astimezone(ZoneInfo(zone)).utcoffset())
    assume(here.utcoffset() == (now + 2 * timedelta(days=1)).astimezone(ZoneInfo(zone)).utcoffset())
    minute = here.weekday() * DAY + here.hour * 60 + here.minute
    on_the_wall = any(start <= each < end for start, end in ranges for each in (minute, minute + 7 * DAY))
    assert door.is_open(now) == on_the_wall


@often
@given(
    st.integers(3 * 60, DAY - 1),
    st.integers(3 * 60, DAY - 1),
    st.integers(3 * 60, DAY - 1),
    st.sampled_from([SPRING, AUTUMN]),
)
def test_on_the_day_of_a_change_hours_after_it_are_those_of_the_wall(settings, start, end, minute, midnight):
    assume(start < end)
    settings.DESK_HOURS, settings.TIME_ZONE = [(6 * DAY + start, 6 * DAY + end)], "Europe/Berlin"
    now = midnight + minute * MINUTE  # the wall's time, as both have the zone
    assert door.is_open(now.astimezone(UTC)) == (start <= minute < end)


@pytest.mark.django_db
class TestDoor:
    def test_with_nobody_on_duty_it_is_open_and_says_so(self):
        assert door.door(NOON) == door.Door(door.Way.UNATTENDED)
        assert door.door(NOON).lets_in

    def test_somebody_on_duty_opens_it_and_a_pause_does_not(self):
        period = StaffPeriod.objects.create(
            staff=make_staff(), state="paused", reason="break", began_at=NOON, last_seen_at=NOON
        )
        assert door.door(NOON).way == door.Way.UNATTENDED
        StaffPeriod.objects.filter(pk=period.pk).update(state="available", reason="")
        assert door.door(NOON).way == door.Way.OPEN

    def test_a_full_queue_lets_nobody_else_in_and_keeps_those_in_it(self, settings):
        settings.DESK_QUEUE_MOST = 2
        first, _second = make_queue(2)
        assert (door.door(NOON).way, door.inside(NOON).way) == (door.Way.FULL, door.Way.UNATTENDED)
        with pytest.raises(QueueFull):
            make_customer()
        assert SupportSession.objects.count() == 2
        lifecycle.leave(first.pk, NOON)
        make_customer()

    def test_zero_is_no_limit(self, settings):
        settings.DESK_QUEUE_MOST = 0
        make_queue(3)
        assert door.door(NOON).lets_in

    def test_a_closed_desk_lets_nobody_in_and_says_when_it_opens_in_the_language(self, hours):
        hours("tue 09:00-17:00", "Europe/Istanbul")
        with pytest.raises(DeskClosed, match="Tuesday 3 March, 09:00") as refused:
            make_customer()
        assert refused.value.retry_after == 18 * 3600  # NOON is 15:00 there
        assert not QueueEntry.objects.exists()
        with translation.override("tr"), timezone.override(NEW_YORK):
            assert door.door(NOON).opens == "3 Mart Salı, 09:00"

    def test_who_is_handed_back_has_a_place_in_a_full_queue_of_a_closed_desk(self, settings, hours):
        settings.DESK_QUEUE_MOST = 1
        ana, first = make_staff(), make_customer()
        lifecycle.claim_next(ana, NOON)
        make_customer(at=NOON + SECOND)
        hours("tue 09:00-17:00")
        assert lifecycle.requeue(first.pk, ana, NOON + SECOND).state == "waiting"
