"""Charts as SVG, and numbers as people read them."""

import pytest
from django.utils import translation

from monitoring.panel import formatting
from monitoring.panel.charts import bar, line, sparkline


def test_a_line_breaks_where_there_is_no_point_and_a_lonely_point_is_a_dot():
    assert line([0.0, 10.0, None, 5.0]) == "M0.0 26.0L40.0 2.0M120.0 14.0h0.01"


def test_a_line_of_nothing_is_empty_and_one_of_zeros_lies_on_the_ground():
    assert line([]) == line([None, None]) == ""
    assert line([0.0, 0.0]) == "M0.0 26.0L120.0 26.0"


def test_charts_carry_no_inline_style_and_escape_their_label():
    drawn = sparkline([1.0, 2.0], 'a "b" <c>')
    assert "style" not in drawn
    assert 'aria-label="a &quot;b&quot; &lt;c&gt;"' in drawn


@pytest.mark.parametrize(
    ("width", "offset", "attributes"),
    [
        (0.5, 0.25, 'x="25.00%" width="50.00%"'),
        (0.0, 1.0, 'x="99.60%" width="0.40%"'),
        (1.5, -1.0, 'x="0.00%" width="100.00%"'),
    ],
)
def test_a_bar_stays_in_its_box_and_can_always_be_seen(width, offset, attributes):
    assert attributes in bar(width, offset)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "–"),
        (0.1234, "0.12 ms"),
        (12.34, "12.3 ms"),
        (999.4, "999 ms"),
        (1234.5, "1.23 s"),
        (59_900, "59.9 s"),
        (125_000, "2 min 05 s"),
        (3_723_000, "1 h 02 min"),
        (90_000_000, "1 d 01 h"),
    ],
)
def test_a_duration_comes_in_the_unit_that_suits_it(ms, text):
    assert formatting.duration(ms) == text


def test_numbers_follow_the_language_of_the_page():
    with translation.override("tr"):
        assert formatting.duration(1234.5).startswith("1,23")


@pytest.mark.parametrize(
    ("window", "english", "turkish"),
    [("15m", "15 min", "15 dk"), ("24h", "24 h", "24 sa"), ("7d", "7 d", "7 gün"), ("2026-11-24/2026-11-25",) * 3],
)
def test_a_window_is_told_in_the_units_of_the_language(window, english, turkish):
    assert formatting.window(window) == english
    with translation.override("tr"):
        assert formatting.window(window) == turkish


def test_counts_say_where_counting_ended():
    assert formatting.capped(10_000) == "10,000"
    assert formatting.capped(10_001) == "10,000+"
    assert formatting.value(0, "s") == "0 s"
    assert formatting.value(1500, "") == "1,500"
    assert formatting.share(0.034) == "3.4 %"
