"""The panel's pages and actions: who may see them, what they say, and what they answer to nonsense."""

import re
from html import unescape

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from monitoring.panel import formatting
from monitoring.profiler import profiler
from monitoring.store.buffer import buffer
from tests.factories import make_staff
from tests.telemetry import make_process, make_span
from tests.web import text

pytestmark = pytest.mark.django_db
PANEL = "/admin/monitoring/panel/"
PAGES = ["", "bottlenecks/", "traces/", "jobs/", "processes/"]
EVIL = "<script>alert('x')</script>"


@pytest.mark.parametrize(
    "page", [*PAGES, "traces/abc/", "jobs/session_cleanup/", "jobs/runs/abc/", "jobs/confirm/", "jobs/act/"]
)
def test_who_may_see_a_page(client, page):
    anonymous = client.get(PANEL + page)
    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith("/admin/login/?next=")
    client.force_login(make_staff("ana", "sessions_app.work_desk"))
    assert client.get(PANEL + page).status_code == 403
    client.force_login(make_staff("cy", "monitoring.view_panel", "monitoring.act_on_jobs", is_staff=False))
    assert client.get(PANEL + page).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_page_says_why_and_keeps_the_content_policy(lead, page):
    response = lead.get(PANEL + page)
    assert response.status_code == 200
    body = response.content.decode()
    assert 'class="empty"' in body
    assert " style=" not in body
    assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=", body)
    assert lead.get(PANEL + page + "?format=json").json()


def test_the_pages_are_reached_from_the_admin(lead):
    assert f'href="{PANEL}"' in lead.get("/admin/").content.decode()


def test_the_overviews_json_carries_the_pages_numbers(lead):
    make_process(at=now())
    profiler.record("page.render", 250)
    buffer.flush()
    page, figures = lead.get(PANEL), lead.get(PANEL, {"format": "json"}).json()
    (slow,) = figures["fix_first"]
    assert figures["verdicts"][0]["text"] in text(page)
    assert f"page.render ! 1 over 100 ms {formatting.share(slow['share'])} {formatting.duration(slow['p95'])}" in text(
        page
    )
    assert f"{PANEL}bottlenecks/name/?kind=measure&amp;name=page.render" in page.content.decode()
    for trend in figures["trends"]:
        assert f'title="{trend["name"]}"' in page.content.decode()
    for number in figures["now"]["numbers"]:
        assert f"{number['title']} {formatting.value(number['value'], number['unit'])}" in text(page)
    assert (slow["name"], slow["count"]) == ("page.render", 1)


@pytest.mark.parametrize("wall", ["1", "light", "dark"])
def test_the_wall_has_the_same_numbers_without_the_admins_frame(lead, wall):
    body = lead.get(PANEL, {"wall": wall}).content.decode()
    assert '<div id="overview"' in body
    assert 'id="header"' not in body
    assert ('data-theme="dark"' in body, 'data-theme="light"' in body) == (wall == "dark", wall == "light")
    assert " style=" not in body
    assert 'href="?wall=1"' in lead.get(PANEL).content.decode()


def test_without_a_socket_the_overview_is_asked_for_its_moving_part_alone(lead):
    body = lead.get(PANEL, headers={"HX-Request": "true"}).content.decode()
    assert '<div id="overview"' in body
    assert "<html" not in body


def test_the_bottlenecks_json_carries_the_pages_numbers(lead):
    for ms in (5, 150, 30_000):
        profiler.record("page.render", ms)
    buffer.flush()
    page = lead.get(PANEL + "bottlenecks/", {"window": "15m", "threshold": "200"})
    (row,) = lead.get(PANEL + "bottlenecks/", {"window": "15m", "threshold": "200", "format": "json"}).json()["rows"]
    share, total = formatting.share(row["share"]), formatting.duration(row["total"])
    times = " ".join(formatting.duration(row[name]) for name in ("mean", "p50", "p95"))
    assert f"page.render measure 3 0 ! 1 over 200 ms {share} {total} in all {times} not measured before" in text(page)
    assert (row["count"], row["over"], row["max"]) == (3, 1, 30_000)
    assert "/panel/bottlenecks/name/?kind=measure&amp;name=page.render&amp;window=15m&amp;" in page.content.decode()


def test_the_list_of_traces_filters_and_links(lead):
    trace = make_span("request", ms=20, role="web")
    make_span("query", ms=3, parent=trace, status="error")
    page = lead.get(PANEL + "traces/")
    assert "request 20.0 ms ✓ ok 2 ✕ 1 failed web" in text(page)
    assert f"{PANEL}traces/{trace.trace_id}/" in page.content.decode()
    figures = lead.get(PANEL + "traces/", {"status": "error", "name": "query", "format": "json"}).json()
    assert [(row["name"], row["duration_ms"], row["spans"]) for row in figures["rows"]] == [("query", 3.0, 2)]
    assert "No trace fits" in text(lead.get(PANEL + "traces/", {"name": "nothing"}))


def test_a_trace_is_drawn_with_what_is_known_of_each_span(lead):
    trace = make_span("request", ms=20, attributes={"http.route": "admin/desk/"})
    event = {"name": "exception", "at_ms": 2.0, "attributes": {"exception.message": EVIL}}
    make_span("query", ms=5, parent=trace, status="error", status_message=EVIL, events=[event])
    make_span("job.x", ms=5, parent=trace, status="interrupted")
    page = lead.get(f"{PANEL}traces/{trace.trace_id}/")
    assert "✕ failed query 5.00 ms" in text(page)
    assert "! interrupted job.x" in text(page)
    assert EVIL not in page.content.decode()
    assert "http.route admin/desk/" in text(lead.get(f"{PANEL}traces/{trace.trace_id}/spans/{trace.span_id}/"))
    figures = lead.get(f"{PANEL}traces/{trace.trace_id}/", {"format": "json"}).json()
    known = lead.get(f"{PANEL}traces/{trace.trace_id}/spans/{figures['bars'][1]['span_id']}/")
    assert known.status_code == 200
    assert EVIL not in known.content.decode()
    assert [bar["name"] for bar in figures["bars"]] == ["request", "query", "job.x"]
    assert figures["bars"][0]["self_ms"] == 15.0


@pytest.mark.parametrize(
    ("page", "query", "named"),
    [
        ("", {"format": "xml"}, "format=xml"),
        ("", {"wall": EVIL}, f"wall={EVIL}"),
        ("bottlenecks/", {"window": EVIL}, f"window={EVIL}"),
        ("bottlenecks/", {"threshold": "-1"}, "threshold=-1"),
        ("traces/", {"status": "broken"}, "status=broken"),
        ("traces/", {"least": "x"}, "least=x"),
        ("traces/", {"before": "yesterday"}, "before=yesterday"),
        ("jobs/", {"status": "well"}, "status=well"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(lead, page, query, named):
    answer = lead.get(PANEL + page, query)
    assert answer.status_code == 400
    assert named in unescape(answer.content.decode())
    assert EVIL not in answer.content.decode()
    if "format" not in query:
        machine = lead.get(PANEL + page, query | {"format": "json"})
        assert machine.status_code == 400
        assert named in machine.json()["error"]


@pytest.mark.parametrize("address", [f"traces/{'abc0' * 8}/", "jobs/runs/abc/", "jobs/abc/"])
def test_what_is_not_there_is_a_page_that_says_what_to_do(lead, address):
    answer = lead.get(PANEL + address)
    assert answer.status_code == 404
    assert "abc" in text(answer)
    assert "look for a newer one" in text(answer)


@pytest.mark.parametrize("page", [*PAGES, f"traces/{'a' * 32}/"])
def test_with_the_telemetry_database_broken_the_page_says_so(lead, page, monkeypatch):
    def broken(*_args, **_kwargs):
        raise OperationalError("file is not a database")

    for read in ("overview.reading", "traces.list_traces", "trace.waterfall"):
        monkeypatch.setattr(f"monitoring.views.{read}", broken)
    monkeypatch.setattr("monitoring.panel.bottlenecks.figures.in_window", broken)
    monkeypatch.setattr("monitoring.panel.job_runs.counts", broken)
    monkeypatch.setattr("monitoring.panel.doctor.processes", broken)
    answer = lead.get(PANEL + page)
    assert answer.status_code == 503
    assert "The desk is not affected" in text(answer)
    assert lead.get(PANEL + page + "?format=json").status_code == 503


def test_with_the_telemetry_database_broken_its_tables_say_so(client, monkeypatch):
    def broken(*_args):
        raise OperationalError("file is not a database")

    client.force_login(make_staff("root", is_superuser=True))
    monkeypatch.setattr("monitoring.admin_list.read_page", broken)
    assert client.get("/admin/monitoring/span/").status_code == 503


@pytest.mark.parametrize("table", ["series", "measure", "span", "jobrun", "writer", "auditentry"])
def test_the_tables_can_be_read_in_the_admin_but_not_changed(client, table):
    client.force_login(make_staff("root", is_superuser=True))
    make_span()
    assert client.get(f"/admin/monitoring/{table}/").status_code == 200
    assert client.get(f"/admin/monitoring/{table}/add/").status_code == 403
