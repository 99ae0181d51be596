"""The board's stretches of time, against days of every length; its figures agree with those of the console."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sessions_app import duty, hourly, hourly_keeping, lifecycle, sweeping
from sessions_app.board import board
from sessions_app.board_figures import Compared
from sessions_app.board_now import read
from sessions_app.board_pages import told
from sessions_app.board_plots import plots
from sessions_app.board_windows import Asked, asked, earlier, window
from sessions_app.errors import InvalidInput
from sessions_app.models import QueueEntry, StaffPeriod
from sessions_app.service import Figure, service
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_queue, make_staff

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


def test_today_is_the_whole_day_and_is_held_against_yesterday_until_now():
    found = window(Asked(), NOON)
    assert (found.since, found.until, found.ends, len(found.steps)) == (utc(2026, 3, 2), None, utc(2026, 3, 3), 24)
    assert found.before == (utc(2026, 3, 1), utc(2026, 3, 1, 12))
    assert window(Asked(against="week"), NOON).before == (utc(2026, 2, 23), utc(2026, 2, 23, 12))


def test_24_hours_are_hours_of_the_clock_the_first_and_the_last_in_part():
    found = window(Asked(window="24h"), NOON + 5 * MINUTE)
    assert (found.since, found.begins, found.ends) == (NOON - DAY + 5 * MINUTE, NOON - DAY, NOON + HOUR)
    assert len(found.steps) == 25


@pytest.mark.parametrize(("name", "days"), [("7d", 7), ("30d", 30)])
def test_days_end_with_today_and_are_held_against_as_many_before(name, days):
    found = window(Asked(window=name), NOON)
    assert (len(found.steps), found.steps[-1][0], found.by) == (days, utc(2026, 3, 2), "day")
    assert found.before == (found.since - days * DAY, NOON - days * DAY)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25), ("Europe/Istanbul", "2026-10-25", 24)],
)
def test_a_day_of_the_past_has_its_own_hours_in_the_time_zone(zone, day, hours, settings):
    settings.TIME_ZONE = zone
    found = window(Asked(day=day), utc(2026, 11, 24, 12))
    assert (len(found.steps), found.name) == (hours, day)
    assert found.until - found.since == hours * HOUR
    assert (found.since, found.until) == (hourly.midnight(date.fromisoformat(day)), found.steps[-1][1])
    assert found.before[1] == found.since


def test_days_of_a_month_in_which_the_clocks_change_are_days_on_the_wall(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    found = window(Asked(window="7d"), utc(2026, 3, 31, 10))
    assert [int((ends - began) / HOUR) for began, ends in found.steps] == [24, 24, 24, 24, 23, 24, 24]
    assert earlier(utc(2026, 3, 29, 12), 1) == utc(2026, 3, 28, 13), "14:00 on the wall, on either day"


def test_today_as_a_day_still_runs():
    assert window(Asked(day="2026-03-02"), NOON).until is None


@pytest.mark.parametrize("day", ["2026-03-03", "yesterday", "2026-02-30", "0001-01-01", "99999-01-01", "1999-01-01"])
def test_a_day_that_cannot_be_shown_is_refused(day):
    with pytest.raises(InvalidInput, match="day: a date such as 2026-03-02"):
        window(Asked(day=day), NOON)


@pytest.mark.parametrize("query", [{"window": "1y"}, {"against": "me"}, {"sort": "name"}, {"sort": "--staff"}])
def test_another_address_is_refused_by_name(query):
    with pytest.raises(InvalidInput, match=f"^{next(iter(query))}: choose one of"):
        asked(query)


def test_what_is_asked_for_is_an_address_again():
    wanted = asked({"day": "2026-03-01", "against": "week", "sort": "aht"})
    assert wanted.address == "day=2026-03-01&against=week&sort=aht"
    assert wanted.but(window="7d", day="") == "?window=7d&against=week&sort=aht"
    assert asked({}).address == ""


@pytest.fixture
def past():
    """Two days: yesterday three were served and one gave up; today one was, and one waits."""
    ana, bo = make_staff("ana", first_name="Ana"), make_staff("bo", first_name="Bo")
    for hour, staff, lasted in ((8, ana, 4), (9, bo, 20), (10, ana, 6)):
        make_ended(staff, NOON - DAY - 12 * HOUR + hour * HOUR, lasted=lasted * MINUTE)
    gave_up = make_customer(at=NOON - DAY - 90 * MINUTE)
    lifecycle.leave(gave_up.pk, NOON - DAY - 89 * MINUTE)
    StaffPeriod.objects.filter(ended_at=None).update(ended_at=NOON - DAY)
    make_ended(bo, NOON - 2 * HOUR, lasted=10 * MINUTE)
    make_customer(at=NOON - 70 * SECOND)
    return ana, bo


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [False, True])
def test_the_board_tells_what_the_console_tells(past, kept):
    if kept:
        hourly_keeping.keep(NOON)
    for name in ("today", "24h"):
        assert board(Asked(window=name), NOON).service == service(NOON, name)


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "lasted"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_each_hour_of_a_day_on_which_the_clocks_change_counts_once_kept_or_not(day, lasted, settings):
    """Who never ended their period is on duty in every hour of it, and one customer came at a quarter past each."""
    settings.TIME_ZONE = "Europe/Berlin"
    began = hourly.midnight(date.fromisoformat(day))
    now = began + (lasted + 9) * HOUR
    StaffPeriod.objects.create(
        staff=make_staff("ana"), state="available", began_at=began - HOUR, last_seen_at=now - MINUTE
    )
    for hour in range(lasted):
        lifecycle.leave(make_customer(at=began + (hour + 0.25) * HOUR).pk, began + (hour + 0.25) * HOUR + MINUTE)
    counted = board(Asked(day=day), now)
    assert [(step.tally.offered, step.staff_on_duty) for step in counted.steps] == [(1, 1.0)] * lasted
    assert [row.on_duty_s for row in counted.staff] == [lasted * 3600]
    assert hourly_keeping.keep(now)[0]
    kept = board(Asked(day=day), now)
    assert (kept.service, kept.steps) == (counted.service, counted.steps)
    cut = began + 2.5 * HOUR
    assert hourly.look(began, now, cut).tally.offered == 3
    assert sum(work.on_duty_us for work in hourly.look(began, now, cut).works.values()) == 2.5 * 3600 * 1_000_000


@pytest.mark.django_db
def test_the_steps_add_up_and_those_to_come_are_not_known(past):
    found = board(Asked(), NOON + MINUTE)
    assert [step.since.hour for step in found.steps if step.tally] == list(range(13))
    assert [step.since.hour for step in found.steps if step.tally and step.tally.offered] == [10, 11]
    assert sum(step.tally.offered for step in found.steps if step.tally) == found.service.offered == 2
    ten = found.steps[10]
    assert (ten.tally.asa_s, ten.tally.service_level, ten.tally.handled) == (0, 1, 1)
    assert ten.staff_on_duty == pytest.approx(11 / 60, abs=0.01) or ten.staff_on_duty == 1
    (waiting,) = [step for step in found.steps if step.tally and step.tally.missed]
    assert (waiting.since.hour, waiting.tally.longest_s) == (11, 130)


@pytest.mark.django_db
def test_days_add_up_and_are_held_against_the_days_before(past):
    found = board(Asked(window="7d"), NOON)
    assert [step.tally.offered for step in found.steps] == [0, 0, 0, 0, 0, 4, 2]
    assert (found.service.offered, found.before.offered) == (6, 0)
    day = board(Asked(day="2026-03-01"), NOON)
    assert (day.service.offered, day.service.abandoned, day.before.offered) == (4, 1, 0)
    assert board(Asked(), NOON).before.offered == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("order", "names"),
    [("-handled", ["Ana", "Bo"]), ("handled", ["Bo", "Ana"]), ("-aht", ["Bo", "Ana"]), ("staff", ["Ana", "Bo"])],
)
def test_staff_stand_in_the_order_that_is_asked_for(past, order, names):
    assert [row.staff for row in board(Asked(day="2026-03-01", order=order), NOON).staff] == names


@pytest.mark.django_db
def test_pauses_are_told_by_reason():
    ana = make_staff("ana")
    duty.start(ana, NOON - HOUR)
    for reason, minutes in (("break", 30), ("meeting", 20), ("break", 10)):
        StaffPeriod.objects.filter(ended_at=None).update(last_seen_at=NOON - minutes * MINUTE)
        duty.pause(ana, reason, NOON - minutes * MINUTE)
    StaffPeriod.objects.filter(ended_at=None).update(last_seen_at=NOON)
    (row,) = board(Asked(), NOON).staff
    assert (row.on_duty_s, row.paused_s, row.pauses_s) == (3600, 1800, {"break": 1200.0, "meeting": 600.0})
    assert row.pauses == [("Break", 1200.0), ("Meeting", 600.0)]


@pytest.mark.django_db
def test_an_empty_day_is_empty_and_has_no_rates():
    found = board(Asked(), NOON)
    assert found.empty
    assert (found.service.service_level, found.service.longest_wait_s, told(found)) == (None, None, [])
    assert not board(Asked(day="2026-01-01"), NOON).service.joined


@pytest.mark.django_db
def test_charts_have_a_point_for_each_step(past):
    for plot in plots(board(Asked(window="24h"), NOON + MINUTE)):
        assert plot.steps == 25
        assert plot.until - plot.since == 25 * 3600
    customers, level, *_rest = plots(board(Asked(window="7d"), NOON))
    assert [list(curve.points)[-2:] for curve in customers.curves] == [[4, 2], [3, 1], [1, 0]]
    assert list(level.curves[0].points)[-2:] == [3 / 4, 1 / 2]
    assert set(level.curves[1].points) == {0.8}


def compare(value, before, unit="s", better=-1, enough=True):
    found = Compared(Figure("", value, unit, "", better=better), before, enough)
    return found.sign, found.words, found.level


def test_a_change_says_how_much_and_whether_it_is_good():
    assert compare(30, 20) == ("▲", "50 %", "warn")
    assert compare(19, 20) == ("▼", "5.0 %", "good")
    assert compare(0.8, 0.85, "share", 1) == ("▼", "5.0 points", "warn")
    assert compare(20.01, 20) == ("≈", "0.1 %", "muted")
    assert compare(30, 20, better=0) == ("▲", "50 %", "muted")
    assert compare(30, 20, enough=False) == ("▲", "50 %", "muted")
    assert compare(30, None) == compare(None, 20) == compare(30, 0) == ("", "", "muted")


@pytest.mark.django_db
def test_now_tells_who_is_there_and_how_long_the_first_has_waited():
    make_call(make_staff("ana"), NOON - MINUTE)
    make_queue(3, NOON - 30 * SECOND)
    seen = read(NOON)
    assert (seen.waiting, seen.active, seen.longest_wait_s, seen.level) == (3, 1, 32, "warn")
    assert (seen.on_duty, seen.serving, seen.staff["in_call"], seen.way) == (1, 1, 1, "open")
    assert (seen.least_min, seen.most_min) == (None, None), "too few were served to tell"


@pytest.mark.django_db
@pytest.mark.parametrize(("waited", "level"), [(20, "good"), (21, "warn"), (60, "warn"), (61, "bad")])
def test_the_longest_wait_has_a_level(waited, level):
    make_customer(at=NOON - waited * SECOND)
    assert read(NOON).level == level


@pytest.mark.django_db
def test_who_joins_now_is_told_what_the_board_says():
    ana = make_staff("ana")
    for minute in range(12):
        make_ended(ana, NOON - (70 - minute * 5) * MINUTE, lasted=4 * MINUTE)
    duty.start(make_staff("bo"), NOON)
    make_customer(at=NOON)
    seen = read(NOON)
    assert seen.most_min
    entry = QueueEntry.objects.get(session=make_customer(at=NOON).pk)
    assert (seen.least_min, seen.most_min) == (entry.expected_least_min, entry.expected_most_min)


@pytest.mark.django_db
def test_nobody_waits_and_nobody_is_there():
    sweeping.sweep(NOON)
    seen = read(NOON)
    assert (seen.level, seen.on_duty, seen.way) == ("", 0, "unattended")
