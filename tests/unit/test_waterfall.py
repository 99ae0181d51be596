"""One trace as a waterfall: the order of its spans, their own time, the critical path, and what belongs to it."""

import logging
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import start_span
from monitoring.errors import BadParameter, NotFound
from monitoring.models import Measure, Rollup, Series
from monitoring.panel.critical_path import critical_path
from monitoring.panel.trace_links import linked
from monitoring.panel.trace_reading import trace_of
from monitoring.panel.trace_records import log_lines, measures
from monitoring.panel.trace_spent import spent
from monitoring.panel.trace_usual import usual
from monitoring.panel.tree import Recorded, own_time, tree
from monitoring.panel.waterfall import waterfall
from monitoring.store.histogram import Histogram
from tests.factories import NOON, SECOND
from tests.telemetry import MS, make_run, make_span

pytestmark = pytest.mark.django_db
TOLERANCE = 1e-6  # ms: sums of many floats


def recorded(span_id, begin, ms, parent="", name="work"):
    return Recorded(span_id, parent, name, "internal", "adminara", "web", "unset", "", NOON + begin * MS, ms)


def on_path(*spans):
    """The parts of the critical path by span, in milliseconds since the trace began."""
    nodes = tree(sorted(spans, key=lambda span: span.at))
    return {nodes[number].span.span_id: parts for number, parts in critical_path(nodes).items()}


def test_a_waterfall_is_in_the_order_of_the_tree_with_shares_of_the_whole_time():
    request = make_span("request", ms=100)
    query = make_span("query", NOON + 20 * MS, 30, request)
    make_span("render", NOON + 60 * MS, 20, request)
    make_span("parse", NOON + 25 * MS, 10, query)
    found = waterfall(request.trace_id)
    assert [(bar.name, bar.depth, bar.offset, bar.width, bar.self_ms) for bar in found.bars] == [
        ("request", 0, 0.0, 1.0, 50.0),
        ("query", 1, 0.2, 0.3, 20.0),
        ("parse", 2, 0.25, 0.1, 10.0),
        ("render", 1, 0.6, 0.2, 20.0),
    ]
    assert (found.name, found.began, found.duration_ms, found.cut) == ("request", NOON, 100.0, False)
    assert [above.name for above in found.above(found.bars[2])] == ["request", "query"]
    assert [bar.last for bar in found.bars] == [3, 2, 2, 3]


def test_time_that_children_share_is_taken_off_once():
    request = make_span("request", ms=100)
    make_span("one", NOON, 60, request)
    make_span("two", NOON + 40 * MS, 40, request)
    make_span("outlives its parent", NOON + 90 * MS, 50, request)
    assert waterfall(request.trace_id).bars[0].self_ms == 10.0


def test_a_span_without_its_parent_and_spans_in_a_circle_are_shown():
    orphan = make_span("orphan", parent_id="f" * 16)
    one = make_span("one", trace_id=orphan.trace_id)
    two = make_span("two", parent=one)
    one.parent_id = two.span_id
    one.save()
    myself = make_span("myself", trace_id=orphan.trace_id)
    myself.parent_id = myself.span_id
    myself.save()
    assert sorted(bar.name for bar in waterfall(orphan.trace_id).bars) == ["myself", "one", "orphan", "two"]


def test_a_child_whose_clock_is_behind_begins_the_trace_and_nothing_is_negative():
    request = make_span("request", ms=10)
    make_span("job.x", NOON - 5 * MS, 8, request, role="worker")
    found = waterfall(request.trace_id)
    assert [(bar.name, bar.offset_ms, bar.self_ms) for bar in found.bars] == [
        ("request", 5.0, 7.0),
        ("job.x", 0.0, 8.0),
    ]
    assert [bar.parts for bar in found.bars] == [[(8.0, 15.0)], [(0.0, 8.0)]]


def test_a_job_that_still_runs_is_part_of_its_trace():
    make_run("turn_rotation", status="running", finished_at=None, trace_id="c" * 32, span_id="d" * 16)
    (bar,) = waterfall("c" * 32).bars
    assert (bar.name, bar.status) == ("job.turn_rotation", "running")


def test_a_large_trace_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr("monitoring.panel.waterfall.MOST_SPANS", 2)
    first = make_span()
    for number in range(1, 4):
        make_span(at=NOON + timedelta(milliseconds=number), parent=first)
    found = waterfall(first.trace_id)
    assert (len(found.bars), found.cut) == (2, True)


def test_an_unknown_trace_is_not_found():
    with pytest.raises(NotFound, match="abc"):
        waterfall("abc")


@pytest.mark.parametrize("text", ["abc", "g" * 32, "a" * 33, "a" * 31 + "\n", ""])
def test_what_is_no_traces_id_is_named(text):
    with pytest.raises(BadParameter, match="trace="):
        trace_of(text)
    assert trace_of("AB" * 16) == "ab" * 16


def test_the_path_goes_back_from_the_end_along_the_child_that_ended_last():
    parts = on_path(
        recorded("request", 0, 100),
        recorded("query", 20, 30, "request"),
        recorded("parse", 25, 10, "query"),
        recorded("render", 60, 20, "request"),
    )
    assert parts == {
        "request": [(0, 20), (50, 60), (80, 100)],
        "query": [(20, 25), (35, 50)],
        "parse": [(25, 35)],
        "render": [(60, 80)],
    }


def test_what_ran_beside_the_path_is_not_on_it():
    parts = on_path(
        recorded("request", 0, 100), recorded("slow", 10, 80, "request"), recorded("quick", 10, 40, "request")
    )
    assert parts == {"request": [(0, 10), (90, 100)], "slow": [(10, 90)]}


def test_the_path_goes_on_through_the_wait_to_the_job_that_the_request_enqueued():
    parts = on_path(
        recorded("request", 0, 30),
        recorded("enqueue", 10, 2, "request"),
        recorded("wait", 11, 489, "enqueue"),
        recorded("job", 505, 200, "enqueue"),
    )
    assert parts == {"request": [(0, 10)], "enqueue": [(10, 11)], "wait": [(11, 500)], "job": [(505, 705)]}


def test_of_two_jobs_the_one_that_ended_sooner_held_up_only_its_enqueuing():
    parts = on_path(
        recorded("request", 0, 30),
        recorded("first enqueue", 5, 5, "request"),
        recorded("first job", 8, 100, "first enqueue"),
        recorded("second enqueue", 20, 2, "request"),
        recorded("second job", 21, 300, "second enqueue"),
    )
    assert parts == {
        "request": [(0, 5), (10, 20)],
        "first enqueue": [(5, 10)],
        "second enqueue": [(20, 21)],
        "second job": [(21, 321)],
    }


@st.composite
def traces(draw):
    """Spans of any place and length; the parent of each is any of them, itself included, an unknown one or none."""
    size = draw(st.integers(1, 25))
    ids = [str(number) for number in range(size)]
    times = st.integers(0, 1_000)
    return [recorded(span, draw(times), draw(times), draw(st.sampled_from(["", "unknown", *ids]))) for span in ids]


@given(traces())
def test_no_two_parts_of_a_path_overlap_and_they_fit_into_the_trace_and_their_spans(spans):
    nodes = tree(sorted(spans, key=lambda span: span.at))
    whole = max(node.end for node in nodes)
    found = critical_path(nodes)
    parts = sorted(part for some in found.values() for part in some)
    assert all(since < until for since, until in parts)
    assert all(before[1] <= after[0] + TOLERANCE for before, after in pairwise(parts))
    assert sum(until - since for since, until in parts) <= whole + TOLERANCE
    for number, some in found.items():
        node = nodes[number]
        assert all(node.begin <= since and until <= node.end for since, until in some)
        assert sum(until - since for since, until in some) <= node.end - node.begin + TOLERANCE
        assert node.parent == -1 or node.parent in found


@given(traces())
def test_every_span_is_in_the_tree_once_and_has_no_negative_time(spans):
    nodes = tree(sorted(spans, key=lambda span: span.at))
    assert sorted(node.span.span_id for node in nodes) == sorted(span.span_id for span in spans)
    for number, node in enumerate(nodes):
        assert 0 <= own_time(nodes, node) <= node.end - node.begin + TOLERANCE
        assert 0 <= node.begin <= node.end
        assert all(number < child <= node.last and nodes[child].parent == number for child in node.children)


@given(traces())
def test_where_children_keep_inside_their_parents_and_apart_the_path_is_their_own_time(spans):
    """The oracle for the simple case: with one thread at work, all that happens is critical."""
    nodes = tree([recorded("0", 0, 1_000), *_apart(len(spans))])
    found = critical_path(nodes)
    for number, node in enumerate(nodes):
        path_ms = sum(until - since for since, until in found[number])
        assert path_ms == pytest.approx(own_time(nodes, node), abs=1e-6)


def _apart(size):
    width = 1_000 / (size + 1)
    return [recorded(str(n), round(n * width - width / 2), round(width / 2), "0") for n in range(1, size + 1)]


def test_the_processes_of_a_trace_come_in_their_order_and_waits_are_no_work():
    request = make_span("request", ms=10, role="web")
    make_span("job.wait", NOON + 5 * MS, 95, request, role="worker")
    make_span("job.x", NOON + 100 * MS, 50, request, role="worker")
    lanes = waterfall(request.trace_id).lanes
    assert [(lane.role, lane.service, lane.spans, lane.busy_ms) for lane in lanes] == [
        ("web", "adminara", 1, 5.0),
        ("worker", "adminara", 2, 50.0),
    ]


def test_where_the_time_went_is_told_by_names_with_their_place_in_the_code():
    request = make_span("request", ms=100)
    told = {"db.query.text": "SELECT  1\nFROM queue", "code.file.path": "sessions_app/queue.py", "code.line.number": 12}
    slowest = make_span("SELECT", NOON + 10 * MS, 40, request, attributes=told)
    make_span("SELECT", NOON + 60 * MS, 20, request)
    make_span("quick", NOON + 90 * MS, 0.5, request)
    first, second = spent(waterfall(request.trace_id))
    assert (first.name, first.share, first.spans, first.span_id) == ("SELECT", 0.6, 2, slowest.span_id)
    assert (first.statement, first.place) == ("SELECT 1 FROM queue", "sessions_app/queue.py:12")
    assert (second.name, second.ms) == ("request", 39.5)


def test_time_in_which_nothing_was_recorded_is_told_too():
    request = make_span("request", ms=10)
    make_span("job.x", NOON + 90 * MS, 10, request)
    first, *_others = spent(waterfall(request.trace_id))
    assert (first.name, first.ms) == ("", 80.0)


def test_a_trace_without_any_length_has_nothing_to_tell():
    request = make_span("request", ms=0)
    found = waterfall(request.trace_id)
    assert spent(found) == []
    assert found.bars[0].critical


def test_what_was_measured_inside_a_trace_is_told():
    span = make_span("request", ms=100)
    series = Series.objects.create(kind="histogram", name="desk.claim", labels='[["role","staff"]]')
    for trace_id in (span.trace_id, "b" * 32):
        Measure.objects.create(series=series, at=NOON.timestamp() + 0.01, duration_ms=5, trace_id=trace_id)
    (measure,) = measures(waterfall(span.trace_id))
    assert (measure.name, measure.labels, measure.duration_ms) == ("desk.claim", {"role": "staff"}, 5)
    assert measure.offset_ms == pytest.approx(10, abs=0.01)


def test_log_lines_of_all_spans_come_by_time_whatever_their_attributes_are_called():
    def said(at_ms, **attributes):
        return {"name": "log", "at_ms": at_ms, "attributes": attributes}

    no_line = {"name": "exception", "at_ms": 1.0, "attributes": {"exception.message": "no line"}}
    first = said(50.0, **{"log.message": "third", "log.severity": "ERROR", "log.logger": "desk"})
    request = make_span("request", ms=100, events=[first, no_line])
    second = said(5.0, message="second", severity="warning", logger="desk.queue")
    make_span("query", NOON + 20 * MS, 10, request, events=[second, said(-90.0, body="first")])
    lines, more = log_lines(waterfall(request.trace_id))
    assert [(line.offset_ms, line.message, line.level, line.logger, line.css) for line in lines] == [
        (0.0, "first", "", "", ""),
        (25.0, "second", "warning", "desk.queue", "warn"),
        (50.0, "third", "ERROR", "desk", "bad"),
    ]
    assert not more


def test_what_is_logged_inside_a_span_is_a_line_of_its_trace(telemetry):
    with start_span("desk.join") as span:
        logging.getLogger("sessions_app.tests").warning("the queue is long")
    telemetry.flush()
    (line,), _more = log_lines(waterfall(f"{span.get_span_context().trace_id:032x}"))
    told = (line.level, line.logger, line.message, line.span, line.css)
    assert told == ("WARN", "sessions_app.tests", "the queue is long", "desk.join", "warn")


def test_log_lines_are_bounded_and_say_so(monkeypatch):
    monkeypatch.setattr("monitoring.panel.trace_records.MOST_LINES", 3)
    events = [{"name": "log", "at_ms": float(at), "attributes": {"message": str(at)}} for at in range(5)]
    lines, more = log_lines(waterfall(make_span(events=events).trace_id))
    assert ([line.message for line in lines], more) == (["0", "1", "2"], True)


def test_links_are_told_in_both_directions():
    other = make_span("desk.join")
    request = make_span("request", NOON + SECOND, links=[other.trace_id])
    (link,) = linked(waterfall(request.trace_id))
    assert (link.trace_id, link.name, link.from_here) == (other.trace_id, "desk.join", True)
    telling = make_span("session.active", NOON, parent=other, links=[request.trace_id])
    _from_here, to_here = linked(waterfall(request.trace_id))
    assert (to_here.trace_id, to_here.span_id, to_here.from_here) == (other.trace_id, telling.span_id, False)


def rolled_up(name, at, values):
    histogram = Histogram()
    histogram.add_all(values)
    series, _made = Series.objects.get_or_create(kind="span", name=name)
    Rollup.objects.create(series=series, resolution=3600, bucket=int(at) // 3600 * 3600, **Rollup.columns(histogram))


def test_a_span_is_compared_with_what_its_name_usually_takes(monkeypatch, django_assert_num_queries):
    now = NOON.timestamp()
    monkeypatch.setattr("monitoring.panel.trace_usual.time.time", lambda: now)
    rolled_up("query", now, [10.0] * 99)
    rolled_up("query", now - 7200, [10.0])
    rolled_up("query", now - 2 * 86_400, [10_000.0] * 500)
    rolled_up("rare", now, [10.0])
    with django_assert_num_queries(1, using="telemetry"):
        known = usual({"query", "rare", "new"})
    assert set(known) == {"query", "rare"}
    assert known["query"].count == 100
    assert known["query"].times(10.0) == 0.0
    assert known["query"].times(30.0) == pytest.approx(3, rel=0.02)
    assert known["rare"].times(30.0) == 0.0  # one span says little
