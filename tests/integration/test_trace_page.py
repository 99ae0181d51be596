"""A trace's page: its rows a page at a time, filters, what is collapsed, deep links, and what it tells beside them."""

import re
from datetime import timedelta
from html import unescape

import pytest

from monitoring.models import Measure, Series, Span
from monitoring.panel import formatting
from tests.factories import NOON
from tests.telemetry import MS, make_span
from tests.web import text

pytestmark = pytest.mark.django_db
PANEL = "/admin/monitoring/panel/"
FRAGMENT = {"HX-Request": "true"}


def shown(response):
    """The ids of the rows, in order."""
    return re.findall(r'<li id="span-([0-9a-f]{16})"', response.content.decode())


def page_of(trace):
    return f"{PANEL}traces/{trace.trace_id}/"


def link(response, words):
    """Where the link with these words leads."""
    found = re.search(rf'<a[^>]* href="([^"]*)"[^>]*>(?:<[^>]*>[^<]*</span> )?{words}</a>', response.content.decode())
    return unescape(found[1]) if found else None


@pytest.fixture
def request_with_job():
    """A customer's request, the job that it enqueued, and how long that waited: by two processes."""
    request = make_span("POST join", ms=30, role="web", kind="server")
    enqueue = make_span("enqueue.notify_staff", NOON + 10 * MS, 2, request, role="web", kind="producer")
    make_span("job.wait", NOON + 12 * MS, 90, enqueue, role="worker")
    make_span("job.notify_staff", NOON + 102 * MS, 60, enqueue, role="worker", kind="consumer")
    return request


@pytest.fixture
def large():
    """A request of 500 queries, each with a part of its own."""
    request = make_span("request", ms=5_000)
    spans = []
    same = {"trace_id": request.trace_id, "kind": "internal", "service": "adminara", "status": "unset"}
    for number in range(500):
        at, query, part = NOON + 10 * number * MS, *(f"{number:08x}{digit * 8}" for digit in "12")
        told = {"started_at": at, **same}
        spans.append(Span(span_id=query, parent_id=request.span_id, name="query", duration_ms=9, **told))
        spans.append(Span(span_id=part, parent_id=query, name="fetch", duration_ms=3, **told))
    Span.objects.bulk_create(spans)
    return request


def test_request_wait_and_job_are_in_one_picture_with_their_processes(lead, request_with_job):
    page = lead.get(page_of(request_with_job))
    told = text(page)
    assert "POST join web · adminara" in told
    assert "job.wait worker · adminara 90.0 ms" in told
    wait, job = formatting.share(90 / 162), formatting.share(60 / 162)
    assert f"{wait} of the 162 ms: job.wait · {job} job.notify_staff" in told
    assert 'stroke-dasharray="3 2"' in page.content.decode()
    assert "2 spans, 60.0 ms of work" in told
    figures = lead.get(page_of(request_with_job), {"format": "json"}).json()
    assert [(bar["name"], bar["critical_ms"]) for bar in figures["bars"]] == [
        ("POST join", 10.0),
        ("enqueue.notify_staff", 2.0),
        ("job.wait", 90.0),
        ("job.notify_staff", 60.0),
    ]


def test_a_page_has_200_rows_and_the_others_follow_without_gap_or_repetition(lead, large):
    rows, address = [], ""
    while address is not None:
        page = lead.get(page_of(large) + address)
        rows += shown(page)
        address = link(page, "More spans")
    figures = lead.get(page_of(large), {"format": "json"}).json()
    assert rows == [bar["span_id"] for bar in figures["bars"]]
    assert len(rows) == 1_001
    fragment = lead.get(page_of(large) + "rows/?after=200", headers=FRAGMENT)
    assert shown(fragment) == rows[200:400]
    assert "<html" not in fragment.content.decode()
    assert link(fragment, "Earlier spans") == "?"


def test_a_large_page_is_bounded_and_a_usual_one_small(lead, large, request_with_job):
    assert len(lead.get(page_of(large)).content) < 300_000
    for number in range(40):
        make_span("query", NOON + number * MS, 1, request_with_job, attributes={"db.query.text": "x" * 2_000})
    assert len(lead.get(page_of(request_with_job)).content) < 60_000


def test_a_link_to_a_span_beyond_the_first_page_shows_it_open(lead, large):
    target = f"{400:08x}{'2' * 8}"
    page = lead.get(page_of(large), {"span": target})
    assert target in shown(page)
    assert len(shown(page)) <= 200
    assert re.search(rf'<li id="span-{target}".*?<details open>', page.content.decode(), re.DOTALL)
    assert "Inside request › query" in text(page)
    unknown = lead.get(page_of(large), {"span": "f" * 16})
    assert unknown.status_code == 200
    assert f"no span {'f' * 16}" in text(unknown)


def test_what_is_collapsed_stands_in_the_address(lead, large):
    first, second = (f"{number:08x}{'1' * 8}" for number in (0, 1))
    page = lead.get(page_of(large), {"closed": f"{first},{second}"})
    assert shown(page)[:4] == [large.span_id, first, second, f"{2:08x}{'1' * 8}"]
    assert "query + 1 span" in text(page)
    (twist,) = re.findall(rf'id="span-{first}".*?class="twist" href="([^"]*)"', page.content.decode(), re.DOTALL)[:1]
    assert unescape(twist) == f"?closed={second}&span={first}#span-{first}"
    assert shown(lead.get(page_of(large), {"closed": large.span_id})) == [large.span_id]
    inside = lead.get(page_of(large), {"closed": large.span_id, "span": f"{7:08x}{'2' * 8}"})
    assert f"{7:08x}{'2' * 8}" in shown(inside)


def test_a_filter_finds_spans_anywhere_and_shows_what_leads_there_dimmed(lead, large):
    event = {"name": "log", "at_ms": 1.0, "attributes": {"log.message": "Nobody waits"}}
    parent = Span.objects.get(span_id=f"{450:08x}{'1' * 8}")
    found = make_span("rare", NOON + 4_900 * MS, 1, parent, attributes={"http.route": "Desk"}, events=[event])
    for asked in ("rare", "ROUTE=desk", "nobody waits", found.span_id):
        page = lead.get(page_of(large), {"q": asked})
        assert shown(page) == [large.span_id, parent.span_id, found.span_id]
        assert [*re.findall(r'<li [^>]*\bdim"', page.content.decode())] != []
        assert "1 of 1,002 spans fit" in text(page)
    nothing = lead.get(page_of(large), {"q": "no such thing"})
    assert "No span of this trace fits" in text(nothing)


def test_the_failed_ones_and_the_critical_path_can_be_shown_alone(lead, request_with_job):
    wrong = make_span("query", NOON + MS, 1, request_with_job, status="error", role="web")
    make_span("beside", NOON + MS, 8, request_with_job, role="web")
    assert shown(lead.get(page_of(request_with_job), {"only": "failed"})) == [
        request_with_job.span_id,
        wrong.span_id,
    ]
    page = lead.get(page_of(request_with_job), {"only": "critical"})
    assert wrong.span_id not in shown(page)
    assert len(shown(page)) == 5
    assert link(page, "Only the critical path") == "?"


def test_what_is_known_of_a_span_is_a_part_of_the_page_or_a_page_of_its_own(lead, request_with_job):
    attributes = {"db.query.text": "SELECT 1", "code.file.path": "sessions_app/queue.py"}
    query = make_span("query", NOON, 5, request_with_job, attributes=attributes, status_message="locked")
    assert "SELECT 1" not in text(lead.get(page_of(request_with_job) + "rows/"))
    address = f"{page_of(request_with_job)}spans/{query.span_id}/"
    part, page, share = lead.get(address, headers=FRAGMENT), lead.get(address), formatting.share(5 / 162)
    for answer in (part, page):
        assert f"locked Inside POST join Begins after 0.00 ms Duration 5.00 ms, {share} of the trace" in text(answer)
        assert "db.query.text SELECT 1" in text(answer)
    assert "<html" not in part.content.decode()
    assert "In the trace of POST join" in text(page)
    assert lead.get(address, {"format": "json"}).json()["attributes"] == attributes


def test_logs_measures_and_linked_traces_stand_below(lead, request_with_job):
    other = make_span("desk.leave", NOON + timedelta(seconds=1))
    told = {"body": "No <b>printer</b>", "severity_text": "WARN", "otel.scope.name": "sessions_app.desk"}
    events = [{"name": "log", "at_ms": 4.0, "attributes": told}]
    span = make_span("print", NOON + 20 * MS, 5, request_with_job, events=events, links=[other.trace_id])
    series = Series.objects.create(kind="histogram", name="page.render", labels="[]")
    measured = {"at": NOON.timestamp() + 0.025, "trace_id": span.trace_id, "span_id": span.span_id}
    Measure.objects.create(series=series, duration_ms=7, **measured)
    page = lead.get(page_of(request_with_job))
    assert "24.0 ms ! WARN sessions_app.desk No <b>printer</b> print" in text(page).replace("&lt;", "<")
    assert "<b>printer" not in page.content.decode()
    assert "25.0 ms page.render 7.00 ms print" in text(page)
    assert "From here: desk.leave" in text(page)


@pytest.mark.parametrize(
    ("address", "status", "named"),
    [
        ("traces/abc/", 400, "trace=abc"),
        ("traces/abc/rows/", 400, "trace=abc"),
        (f"traces/{'a' * 32}/", 404, "a" * 32),
        (f"traces/{'a' * 32}/spans/b/", 404, "a" * 32),
        (f"traces/{'e' * 32}/spans/b/", 400, "span=b"),
        (f"traces/{'e' * 32}/spans/{'b' * 16}/", 404, "b" * 16),
        (f"traces/{'e' * 32}/?only=good", 400, "only=good"),
        (f"traces/{'e' * 32}/?after=-1", 400, "after=-1"),
        (f"traces/{'e' * 32}/?after=²", 400, "after=²"),
        (f"traces/{'e' * 32}/?closed=x,y", 400, "closed=x"),
        (f"traces/{'e' * 32}/?span=x", 400, "span=x"),
    ],
)
def test_what_cannot_be_shown_is_named(lead, address, status, named):
    make_span(trace_id="e" * 32)
    answer = lead.get(PANEL + address)
    assert answer.status_code == status
    assert named in text(answer)


def test_a_place_beyond_the_end_shows_the_last_rows(lead, large):
    page = lead.get(page_of(large), {"after": "999999"})
    assert len(shown(page)) == 200
    assert link(page, "More spans") is None


def test_the_queries_of_a_page_do_not_grow_with_the_trace(lead, large, django_assert_max_num_queries):
    with django_assert_max_num_queries(14, using="telemetry"):
        lead.get(page_of(large))
