"""Minutes are kept while somebody is still there, wherever a window may begin or end, and what is read stays small."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from sessions_app import counting, duty, hourly, hourly_keeping, jobs, lifecycle, minute_keeping, sweeping, verdicts
from sessions_app.board import board
from sessions_app.board_windows import BEFORE, NAMES, WEEK, Asked
from sessions_app.hourly_models import MinuteTally
from sessions_app.models import StaffPeriod, SupportSession
from sessions_app.service import LENGTHS, TODAY, service
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_staff

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = NOON + 23 * MINUTE + 40 * SECOND


@pytest.fixture
def counted(monkeypatch):
    """The stretches that are counted from the rows."""
    found, count = [], counting.count

    def watched(edges, now, **how):
        found.append((edges[0], edges[-1]))
        return count(edges, now, **how)

    monkeypatch.setattr(hourly, "count", watched)
    return found


def lasted(spans):
    return sum((until - since for since, until in spans), timedelta())


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("UTC", NOW),
        ("Asia/Kathmandu", NOW),  # 5:45 ahead
        ("Europe/Berlin", datetime(2026, 3, 29, 13, 7, 12, tzinfo=UTC)),  # the clocks went forward this night
        ("Europe/Berlin", datetime(2026, 10, 25, 13, 7, 12, tzinfo=UTC)),
    ],
)
def test_of_every_window_at_most_minutes_are_counted_from_the_rows(zone, now, settings, counted):
    settings.TIME_ZONE = zone
    hourly_keeping.keep(now)
    minute_keeping.keep(now - MINUTE)
    for window in NAMES:
        for against in (BEFORE, WEEK):
            counted.clear()
            board(Asked(window=window, against=against), now)
            assert lasted(counted) < 6 * MINUTE, (window, against, counted)
    for window in (TODAY, *LENGTHS):
        counted.clear()
        service(now, window)
        assert lasted(counted) < 4 * MINUTE, window
    counted.clear()
    verdicts.week_ago.__wrapped__(now.replace(second=0))
    assert not counted


def test_a_call_that_goes_on_keeps_nothing_from_being_counted_but_itself(counted):
    ana, bo = make_staff("ana"), make_staff("bo")
    make_ended(bo, NOON - 3 * MINUTE + 10 * SECOND, lasted=30 * SECOND)
    held = make_call(ana, NOON - 3 * MINUTE + 20 * SECOND)
    make_customer(at=NOON - 3 * MINUTE + 30 * SECOND)
    StaffPeriod.objects.filter(state="available").update(last_seen_at=NOON)
    duty.sweep(NOON)
    minute_keeping.keep(NOON)
    (row,) = MinuteTally.objects.filter(since=NOON - 3 * MINUTE)
    assert (row.tally["answered"], len(row.left_sessions)) == (1, 2), "the one that is over; two may still change"
    seen = service(NOON)
    assert (seen.joined, seen.answered, seen.handled) == (3, 2, 1)
    lifecycle.end(held.pk, ana, "resolved", "", NOON + 5 * SECOND)
    assert service(NOON + 10 * SECOND).handled == 2
    assert lasted(counted) < 2 * 2 * MINUTE, "of which the minute is no part"


def test_a_minute_is_final_when_the_last_wrap_up_of_its_customers_is_over(settings):
    settings.DESK_WRAP_UP_S = 600
    ana = make_staff()
    make_ended(ana, NOON - 10 * MINUTE, lasted=MINUTE)
    (before,) = left_at(NOON - 10 * MINUTE, keep=NOON - 5 * MINUTE)
    assert len(before.left_sessions) == 1
    assert service(NOON - 5 * MINUTE).aht_s == 5 * 60
    duty.ready(ana, NOON - 4 * MINUTE)
    (after,) = left_at(NOON - 10 * MINUTE, keep=NOON - 3 * MINUTE)
    assert (after.left_sessions, after.left_staff, after.tally["handling_us"]) == ([], [], 6 * 60 * 10**6)
    assert after.pk == before.pk


def test_what_ended_by_a_clock_that_is_ahead_is_counted_when_it_is_over_here(settings):
    settings.DESK_WRAP_UP_S = 600
    ana = make_staff()
    make_ended(ana, NOON - 10 * MINUTE, lasted=5 * MINUTE)
    duty.seen([ana.pk], NOON - MINUTE)
    duty.ready(ana, NOON + 2 * SECOND)
    (row,) = left_at(NOON - 10 * MINUTE, keep=NOON)
    assert len(row.left_sessions) == 1
    assert service(NOON + MINUTE).aht_s == 10 * 60 + 2


def left_at(since, keep):
    minute_keeping.keep(keep)
    return MinuteTally.objects.filter(since=since)


def test_the_time_of_who_has_not_been_seen_since_is_not_believed_yet():
    ana = make_staff()
    duty.start(ana, NOON - 10 * MINUTE)
    StaffPeriod.objects.update(last_seen_at=NOON - 4 * MINUTE)
    minute_keeping.keep(NOON)
    unsure = MinuteTally.objects.filter(left_staff=[ana.pk]).values_list("since", flat=True)
    assert set(unsure) == {NOON - number * MINUTE for number in (4, 3, 2)}
    rows = service(NOON)
    assert rows.staff[0].on_duty_s == 600, "as it looks now"
    sweeping.sweep(NOON + 2 * MINUTE)
    assert service(NOON + 2 * MINUTE).staff[0].on_duty_s == 360, "they went when they were last seen"


def test_a_second_run_has_nothing_to_do_and_minutes_that_nobody_asks_for_go():
    assert minute_keeping.keep(NOW)[0] > 1500
    assert minute_keeping.keep(NOW) == (0, 0)
    hourly_keeping.keep(NOW)
    minute_keeping.keep(NOW)
    assert MinuteTally.objects.count() == 5 * 240 + 120, "those of hours that are kept by now"
    assert re.fullmatch(r"Counted \d+ minutes of the desk that are over; 0 are left .*", jobs.desk_minutes())
    assert not MinuteTally.objects.filter(since__lt=NOW + HOUR).exists()


def test_the_newest_come_first_and_the_rest_is_left_for_the_next_run(monkeypatch):
    clock = iter([0.0, 0.0, 9.0, 9.0])
    monkeypatch.setattr(minute_keeping.time, "monotonic", lambda: next(clock))
    done, left = minute_keeping.keep(NOW, within_s=5)
    assert (done, left > 1000) == (60, True)
    assert MinuteTally.objects.latest("since").since == NOON + 22 * MINUTE


def test_two_runs_at_once_write_the_same():
    make_ended(make_staff(), NOON - 10 * MINUTE)
    now = NOON + HOUR
    sweeping.sweep(now)
    parts = counting.count([NOON - 10 * MINUTE, NOON - 9 * MINUTE], now, settled=True)
    for _ in range(2):
        minute_keeping._write([minute_keeping.as_model(part) for part in parts])
    (row,) = MinuteTally.objects.all()
    assert row.tally["handled"] == SupportSession.objects.count() == 1
