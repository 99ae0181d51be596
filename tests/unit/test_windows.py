"""Windows of time and thresholds as people write them."""

import pytest

from monitoring.errors import BadParameter
from monitoring.panel.windows import local_minute, milliseconds, period, seconds
from monitoring.store.tiers import DAY

NOON = 1_795_608_000  # 2026-11-25 12:00 UTC


@pytest.mark.parametrize("window", ["", "1", "1x", "0m", "31d", "-1h", "1 h", "9999999d"])
def test_a_bad_window_is_named(window):
    with pytest.raises(BadParameter, match=r"^window="):
        seconds(window)


def test_a_window_ends_now():
    assert period("1h", NOON + 25) == (NOON - 3600, NOON + 25)


@pytest.mark.parametrize(
    "window",
    [
        "2026-11-25T10:00/2026-11-25T10:30",
        "2026-11-25T10:00Z/2026-11-25T12:30+02:00",
        "2026-11-25 10:00/2026-11-25 10:30",
    ],
)
def test_a_window_between_two_times_covers_whole_minutes(window):
    assert period(window, NOON) == (NOON - 7200, NOON - 5401)


def test_times_without_an_offset_are_in_the_settings_time_zone(settings):
    settings.TIME_ZONE = "Europe/Istanbul"
    assert period("2026-11-25T13:00/2026-11-25T13:30", NOON) == (NOON - 7200, NOON - 5401)
    assert local_minute(NOON) == "2026-11-25T15:00"


def test_an_old_window_begins_and_ends_with_the_figures_that_are_kept():
    first, last = NOON - 20 * DAY + 120, NOON - 20 * DAY + 1860
    assert period(f"{local_minute(first)}/{local_minute(last)}", NOON) == (first - 120, last - 60 - 1)


@pytest.mark.parametrize(
    "window",
    [
        "/",
        "2026-11-25T10:00/",
        "None/2026-11-25T10:00",
        "yesterday/today",
        "2026-11-25T10:00/2026-11-25T10:00",
        "2026-11-25T11:00/2026-11-25T10:00",
        "2026-02-30T10:00/2026-11-25T10:00",
        "2026-10-01T00:00/2026-11-25T10:00",
        "1900-01-01T00:00/1900-01-02T00:00",
        "0001-01-01T00:00/0001-01-02T00:00+14:00",
        "2026-11-25T10:00/2026-11-25T10:30/2026-11-25T10:40",
    ],
)
def test_two_times_that_make_no_window_are_refused(window):
    with pytest.raises(BadParameter, match=r"^window="):
        period(window, NOON)


@pytest.mark.parametrize("threshold", ["", "x", "-1", "nan", "inf", "1e10"])
def test_a_bad_threshold_is_named(threshold):
    with pytest.raises(BadParameter, match=r"^threshold="):
        milliseconds(threshold)
