"""A call's quality as it is drawn."""

import pytest

from sessions_app import curves
from sessions_app.models import QualitySample
from tests.factories import NOON, SECOND, make_call, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def cy():
    return make_call(make_staff())


def store(session, after_s, role="customer", attempt="1-1", span_s=10, **values):
    at = NOON + after_s * SECOND
    QualitySample.objects.create(session=session, role=role, attempt=attempt, at=at, span_s=span_s, **values)


def drawn(session):
    return curves.drawing(session.pk, session.joined_at)


def test_nothing_is_drawn_where_nothing_was_told(cy):
    assert drawn(cy) is None


def test_steps_from_the_first_second_told_to_the_last(cy):
    store(cy, 20, round_trip_ms=100, loss_ratio=0, received_kbps=500)
    store(cy, 30, round_trip_ms=50, loss_ratio=0.06, received_kbps=300)
    store(cy, 30, role="staff", round_trip_ms=0)
    seen = drawn(cy)
    assert (seen.from_s, seen.to_s) == (10, 30)
    delay, loss, received = seen.curves
    assert (delay.top, delay.limit, delay.limit_y) == (100, 300, None)
    assert [(line.role, line.path, line.least, line.most) for line in delay.lines] == [
        ("customer", "M0.0 0.0H500.0V50.0H1000.0", 50, 100),
        ("staff", "M500.0 100.0H1000.0", 0, 0),
    ]
    assert (loss.unit, loss.top, loss.limit_y) == ("share", 0.1, 70)
    assert [line.role for line in received.lines] == ["customer"]


def test_where_nothing_was_told_the_line_breaks(cy):
    store(cy, 10, round_trip_ms=10)
    store(cy, 22, round_trip_ms=10)  # two seconds are no gap
    store(cy, 40, round_trip_ms=None)
    store(cy, 50, round_trip_ms=10)
    (line,) = drawn(cy).curves[0].lines
    assert line.path == "M0.0 0.0H200.0V0.0H440.0M800.0 0.0H1000.0"


@pytest.mark.parametrize(
    ("most", "top"), [(0, 10), (0.4, 10), (10, 10), (10.1, 20), (49, 50), (51, 100), (999, 1000), (1001, 2000)]
)
def test_the_upper_edge_is_a_round_number(cy, most, top):
    store(cy, 10, round_trip_ms=most)
    assert drawn(cy).curves[0].top == top


def test_a_long_call_is_drawn_by_averages_and_keeps_what_was_poor(cy):
    for n in range(1, 361):
        store(cy, n * 10, round_trip_ms=400 if 100 < n <= 106 else n % 2 * 100)
    seen = drawn(cy)
    (line,) = seen.curves[0].lines
    assert line.path.count("H") <= curves.MOST_POINTS
    assert line.most == 400
    assert len(seen.rows) <= curves.MOST_ROWS + 4
    assert sum(row.span_s for row in seen.rows) == 3600
    assert sum(row.span_s for row in seen.rows if row.faults == ("delay",)) == 60


def test_a_long_call_that_is_poor_now_and_then_is_not_drawn_without_end(cy):
    for n in range(1, 361):
        store(cy, n * 10, loss_ratio=n % 2 * 0.1)
    seen = drawn(cy)
    assert len(seen.rows) <= curves.MOST_ROWS + 1
    assert sum(row.span_s for row in seen.rows) == 3600
    assert all(row.loss_ratio == pytest.approx(0.05, abs=0.01) for row in seen.rows[:-1])
