"""The list of traces."""

import pytest

from monitoring.errors import BadParameter
from monitoring.models import Measure, Series
from monitoring.panel import traces as module
from monitoring.panel.traces import Filters, traces
from tests.factories import NOON, SECOND
from tests.telemetry import make_span

pytestmark = pytest.mark.django_db


def names(**filters):
    return [row.name for row in traces(Filters(**filters)).rows]


def test_the_list_shows_where_traces_begin_newest_first_with_their_size():
    request = make_span("request")
    make_span("query", parent=request, status="error")
    make_span("job.notify_staff", parent=request, local_root=True)
    make_span("later", NOON + SECOND)
    rows = traces(Filters()).rows
    assert [(row.name, row.spans, row.failed) for row in rows] == [("later", 1, 0), ("request", 3, 1)]


def test_a_trace_that_began_elsewhere_is_listed_by_its_first_span_here():
    make_span("request", local_root=True, parent_id="f" * 16)
    assert names() == ["request"]


def test_filters_find_spans_inside_traces_and_jobs_that_failed():
    request = make_span("request", ms=500)
    make_span("query", parent=request, ms=150)
    make_span("job.wait", parent=request, local_root=True, status="error")
    make_span("job.notify_staff", parent=request, local_root=True, status="interrupted")
    assert names(name="query") == ["query"]
    assert names(name="query", least=151) == []
    assert names(status="interrupted") == ["job.notify_staff"]
    assert names(status="error") == []
    assert names(least=300) == ["request"]
    assert names(status="ok", least=300) == ["request"]


def test_a_measured_name_lists_its_measures_with_their_traces():
    series = Series.objects.create(kind="histogram", name="page.render")
    Measure.objects.create(series=series, at=NOON.timestamp(), duration_ms=30, trace_id="b" * 32)
    Measure.objects.create(series=series, at=NOON.timestamp() + 1, duration_ms=50, ok=False)
    rows = traces(Filters(name="page.render")).rows
    assert [(row.duration_ms, row.status, row.trace_id) for row in rows] == [(50, "error", ""), (30, "ok", "b" * 32)]
    assert len(traces(Filters(name="page.render", status="ok", least=20)).rows) == 1


def test_pages_follow_each_other_without_gap_or_repetition(monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    for number in range(5):
        make_span(f"span {number}", NOON + (number // 2) * SECOND)  # pairs at the same moment
    first = traces(Filters())
    second = traces(Filters(before=first.older))
    third = traces(Filters(before=second.older))
    assert [row.name for page in (first, second, third) for row in page.rows] == [f"span {n}" for n in (4, 3, 2, 1, 0)]
    assert third.older == ""


@pytest.mark.parametrize("rare", [{"name": "ra*"}, {"least": 11}, {"attribute": ("rare", "yes"), "spans": "roots"}])
def test_a_search_that_no_index_answers_ends_somewhere_and_goes_on_from_there(monkeypatch, rare):
    monkeypatch.setattr(module, "SEARCHED", 3)
    make_span("rare", NOON - SECOND, 20, attributes={"rare": "yes"})
    for number in range(4):
        make_span("common", NOON + number * SECOND)
    page = traces(Filters(**rare))
    assert page.rows == []
    assert page.searched == NOON  # the fourth newest
    assert [row.name for row in traces(Filters(**rare, before=page.older)).rows] == ["rare"]


@pytest.mark.parametrize("indexed", [{"name": "rare"}, {"status": "error", "spans": "any"}])
def test_what_an_index_finds_by_itself_is_found_however_old_it_is(monkeypatch, indexed):
    monkeypatch.setattr(module, "SEARCHED", 3)
    make_span("rare", NOON - SECOND, status="error")
    for number in range(4):
        make_span("common", NOON + number * SECOND)
    page = traces(Filters(**indexed))
    assert ([row.name for row in page.rows], page.older, page.searched) == (["rare"], "", None)


@pytest.mark.parametrize("before", ["x", "1", "1-x", "-1-1", "9" * 30 + "-1", "1_0-1"])
def test_a_bad_cursor_is_named(before):
    with pytest.raises(BadParameter, match=f"before={before}"):
        traces(Filters(before=before))


def test_a_bad_status_is_named():
    with pytest.raises(BadParameter, match="status=bad"):
        Filters(status="bad")


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_num_queries):
    for number in range(10):
        make_span("query", parent=make_span(f"request {number}"))
    # How far to search, what fits, how large the traces are, and the lines of code that the rows stand for.
    with django_assert_num_queries(4, using="telemetry"):
        assert len(traces(Filters()).rows) == 10
