"""Charts over time: what they draw, and what they say to those who cannot see it."""

import re
from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from monitoring import Curve, Mark, Plot
from monitoring.panel import axes, formatting
from monitoring.panel.plots import HEIGHT, WIDTH, columns, drawn, line

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
POINTS = st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=130)
KINDS = st.sampled_from(["lines", "columns"])


def make_plot(*curves: list[float | None], unit="ms", length=3600.0, **fields) -> Plot:
    names = ("p50", "p95", "p99")
    made = [Curve(name, points, name) for name, points in zip(names, curves, strict=False)]
    return Plot("Time taken", unit, NOON, NOON + length, made, **fields)


def shown(plot: Plot) -> str:
    return Template("{% load panel %}{% plot plot %}").render(Context({"plot": plot}))


def places(path: str) -> tuple[list[float], list[float]]:
    """The corners of a path of M, L, V, H (absolute) and h (relative): their x and y."""
    xs, ys, x = [], [], 0.0
    for letter, numbers in re.findall(r"([MLVHhz])([^MLVHhz]*)", path):
        values = [float(number) for number in numbers.split()]
        if letter in "ML":
            x = values[0]
            ys.append(values[1])
        elif letter == "V":
            ys.append(values[0])
        elif letter in "Hh":
            x = values[0] + (x if letter == "h" else 0)
        xs.append(x)
    return xs, ys


@given(st.lists(POINTS, min_size=1, max_size=3), KINDS, st.sampled_from(["ms", "s", ""]))
def test_whatever_is_drawn_stays_in_its_box(curves, kind, unit):
    drawing = drawn(make_plot(*curves, kind=kind, unit=unit))
    if drawing is None:
        assert all(point is None for points in curves for point in points)
        return
    for shape in drawing.shapes:
        xs, ys = places(shape.path + shape.dots)
        assert all(0 <= x <= WIDTH + 0.02 for x in xs)
        assert all(0 <= y <= HEIGHT for y in ys)


@given(POINTS)
def test_a_line_has_a_place_for_each_number_and_begins_anew_after_each_gap(points):
    path = "".join(line(points, len(points), max([point for point in points if point is not None] + [1.0])))
    beginnings = sum(
        point is not None and (not index or points[index - 1] is None) for index, point in enumerate(points)
    )
    assert path.count("M") == beginnings
    assert path.count("M") + path.count("L") == sum(point is not None for point in points)


def test_a_line_goes_through_the_middle_of_its_steps_and_a_lonely_point_is_a_dot():
    assert line([0.0, 10.0, None, 5.0], 4, 10.0) == ("M125.0 160.0L375.0 0.0", "M875.0 80.0h0.01")


def test_columns_stand_side_by_side_and_what_is_little_can_still_be_seen():
    plot = make_plot([100.0, None], [0.01, 0.0], unit="", kind="columns")
    assert columns(plot, 0, 100.0) == "M50.00 160V0.0h200.00V160z"
    assert columns(plot, 1, 100.0) == "M250.00 160V158.5h200.00V160z"


@pytest.mark.parametrize(
    ("most", "unit", "written"),
    [
        (0, "ms", ["0 ms", "1 ms"]),
        (0.7, "ms", ["0 ms", "0.2 ms", "0.4 ms", "0.6 ms", "0.8 ms"]),
        (87, "ms", ["0 ms", "50 ms", "100 ms"]),
        (100, "ms", ["0 ms", "50 ms", "100 ms"]),
        (4100, "ms", ["0 ms", "2 s", "4 s", "6 s"]),
        (55_000, "ms", ["0 ms", "15 s", "30 s", "45 s", "1 min"]),
        (100, "s", ["0 s", "30 s", "1 min", "1.5 min", "2 min"]),
        (2_000_000_000, "ms", ["0 ms", "10 d", "20 d", "30 d"]),
        (0, "", ["0", "1"]),
        (3, "", ["0", "1", "2", "3"]),
        (1234, "", ["0", "500", "1,000", "1,500"]),
        (1, "share", ["0 %", "50 %", "100 %"]),
        (0.04, "share", ["0 %", "1 %", "2 %", "3 %", "4 %"]),
        (90, "kbit/s", ["0 kbit/s", "50 kbit/s", "100 kbit/s"]),
    ],
)
def test_the_axis_has_round_numbers(most, unit, written):
    assert [formatting.brief(number, unit) for number in axes.numbers(most, unit)] == written


@given(st.floats(0, 1e12), st.sampled_from(["ms", "s", "", "share"]))
def test_the_axis_has_two_to_five_numbers_and_reaches_the_greatest(most, unit):
    numbers = axes.numbers(most, unit)
    assert 2 <= len(numbers) <= 5
    assert numbers[0] == 0
    assert numbers[-1] >= most * (1 - 1e-6)


@pytest.mark.parametrize(
    ("length", "texts"),
    [
        (900, ["12:00", "12:05", "12:10", "12:15"]),
        (3600, ["12:00", "12:15", "12:30", "12:45", "13:00"]),
        (86_400, ["12:00", "18:00", "00:00", "06:00", "12:00"]),
        (7 * 86_400, ["03-04", "03-06", "03-08"]),
        (30 * 86_400, ["03-05", "03-12", "03-19", "03-26"]),
    ],
)
def test_the_axis_of_time_has_round_moments(length, texts):
    assert [tick.text for tick in axes.moments(NOON, NOON + length)] == texts


@given(st.integers(60, 4 * 365 * 86_400))
def test_the_axis_of_time_is_never_crowded(length):
    ticks = axes.moments(NOON, NOON + length)
    assert len(ticks) <= axes.MOST_MOMENTS
    assert all(0 <= tick.place <= 1 for tick in ticks)


def test_days_begin_at_midnight_in_the_desks_own_zone():
    with timezone.override("Europe/Istanbul"):
        ticks = axes.moments(NOON, NOON + 4 * 86_400)
    assert {tick.at.hour for tick in ticks} == {21}


def test_the_picture_says_in_words_what_it_shows_and_has_no_inline_style():
    page = shown(make_plot([10.0, None, 400.0], [20.0, 30.0, 1500.0], limit=800.0, marks=[Mark(NOON + 60, "<1.4>")]))
    assert 'role="img" aria-label="Time taken. p50: from 10.0 ms to 400 ms; p95: from 20.0 ms to 1.50 s"' in page
    assert "limit 800 ms" in page
    assert "&lt;1.4&gt;" in page
    assert "<1.4>" not in page
    assert "style=" not in page
    assert page.count("<tr>") == 1 + 3
    assert 'stroke-dasharray="7 4"' in page


def test_nothing_known_is_said():
    assert "Nothing is known of this time." in shown(make_plot([None, None]))
    assert "Nothing is known of this time." in shown(make_plot())


def test_a_limit_far_above_everything_is_told_and_not_drawn():
    assert drawn(make_plot([10.0], limit=25.0)).limit_y is None
    assert drawn(make_plot([10.0], limit=20.0)).limit_y == "0.0"
    assert "limit 25.0 ms (far above)" in shown(make_plot([10.0], limit=25.0))


def test_only_marks_of_the_time_shown_are_drawn_and_the_newest_are_named():
    marks = [Mark(NOON + minute * 60, f"v{minute}") for minute in (-1, 1, 50, 3, 4, 61, 5)]
    drawing = drawn(make_plot([1.0], marks=marks))
    assert [mark.label for mark in drawing.marks] == ["v1", "v3", "v4", "v5", "v50"]
    assert [mark.label for mark in drawing.named] == ["v3", "v4", "v5", "v50"]
    assert drawing.marks[-1].x == "833.3"


def test_a_long_table_has_the_greatest_of_several_steps_or_the_sum_of_what_is_counted():
    points = [float(number) for number in range(120)]
    by_line, by_column = (drawn(make_plot(points, unit="", kind=kind)) for kind in ("lines", "columns"))
    assert by_line.each == 2
    assert [numbers for _at, numbers in by_line.rows][:2] == [["1"], ["3"]]
    assert [numbers for _at, numbers in by_column.rows][:2] == [["1"], ["5"]]
    assert "the sum of each 2 steps" in shown(make_plot(points, unit="", kind="columns"))


def test_numbers_are_written_in_the_language_of_the_page_and_paths_are_not():
    with translation.override("tr"):
        page = shown(make_plot([0.25, 0.5], [0.1, 0.2]))
    assert "0,5" in page
    assert not re.search(r' d="[^"]*,', page)
