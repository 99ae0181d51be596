"""A cron line in words, and the moments that come next."""

from datetime import UTC, datetime

import pytest
from croniter import croniter
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from monitoring.panel.job_schedules import next_runs, words
from tests.factories import NOON

WORDS = {
    "* * * * *": "every minute",
    "*/10 * * * *": "every 10 minutes",
    "0 * * * *": "every hour, on the hour",
    "20 * * * *": "every hour at minute 20",
    "45,15 * * * *": "every hour at minutes 15 and 45",
    "5 */2 * * *": "every 2 hours from midnight, at minute 5, UTC time",
    "40 4 * * *": "every day at 04:40, UTC time",
    "0,30 4,16 * * *": "every day at 04:00, 04:30, 16:00, 16:30, UTC time",
    "0 0 * * 0": "Sundays at 00:00, UTC time",
    "0 0 * * 7": "Sundays at 00:00, UTC time",
    "0 9 * * mon,THU": "Mondays and Thursdays at 09:00, UTC time",
    "30 8 * * 1-5": "Monday to Friday at 08:30, UTC time",
    "0 9 1,15 * *": "on days 1 and 15 of each month at 09:00, UTC time",
    "0 0 1 1 *": "each year on 1 January at 00:00, UTC time",
    "*/15 8-18 * * mon-fri": "every 15 minutes from 08:00 to 18:59, Monday to Friday, UTC time",
    "*/5 * * * sat": "every 5 minutes, Saturdays, UTC time",
}
UNUSUAL = [
    *("*/7 * * * *", "0 */5 * * *", "10-20 * * * *", "0 0 * * sun#1", "0 0 L * *", "0 0 1 * mon", "0 0 * 1 *"),
    *("@daily", "0 0 1 1-3 *", "* * * * */2", "0 0 * * * 30", "1-5/2 * * * *", "0 */2 1 * *", "never", ""),
]


@pytest.mark.parametrize(("cron", "told"), WORDS.items())
def test_the_common_lines_are_told_in_words(cron, told):
    assert words(cron) == told


@pytest.mark.parametrize("cron", UNUSUAL)
def test_any_other_line_stands_for_itself(cron):
    assert words(cron) == cron


def test_days_and_months_are_those_of_the_language(settings):
    with translation.override("tr"), timezone.override("Europe/Istanbul"):
        assert "Pazartesi" in words("0 9 * * 1-5")
        assert "Ocak" in words("0 0 1 1 *")
        assert "Europe/Istanbul" in words("0 9 * * *")
        assert words("* * * * *") == "her dakika"


PART = st.sampled_from(["*", "*/2", "*/5", "1", "3,5", "2-4", "7"])


@given(st.lists(PART, min_size=5, max_size=5).map(" ".join))
def test_whatever_the_line_something_is_told(cron):
    assert words(cron)
    if not croniter.is_valid(cron):
        assert words(cron) == cron


def test_the_next_runs_are_those_of_the_line_in_the_time_zone(settings):
    settings.TIME_ZONE = "Europe/Istanbul"
    with timezone.override("Europe/Istanbul"):
        first, second, *others = next_runs("40 4 * * *", NOON)
    assert first == datetime(2026, 3, 3, 1, 40, tzinfo=UTC)
    assert second == datetime(2026, 3, 4, 1, 40, tzinfo=UTC)
    assert len(others) == 3
    assert next_runs("never", NOON) == []


def test_a_day_of_thirteen_is_no_day():
    assert words("0 0 * * 13") == "0 0 * * 13"
