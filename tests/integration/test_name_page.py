"""The page of one measured name: its figures agree with the store, whatever the address asks for."""

import re
import time
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from monitoring import profiler, start_span
from monitoring.deployments import mark
from monitoring.models import Writer
from monitoring.panel.bottlenecks import bottlenecks
from monitoring.panel.formatting import share
from monitoring.panel.name_report import MOST_STEPS
from monitoring.panel.windows import local_minute
from monitoring.recording import record_duration
from monitoring.store.buffer import buffer
from monitoring.store.times import moment
from tests.factories import make_staff
from tests.telemetry import make_duration, store

pytestmark = pytest.mark.django_db
PAGE = "/admin/monitoring/panel/bottlenecks/name/"


@pytest.fixture
def lead(client):
    client.force_login(make_staff("lead", "monitoring.view_panel"))
    return client


def ask(client, **query):
    return client.get(PAGE, {"kind": "measure", "name": "report.render", **query})


def record(*durations, age=60.0, name="report.render"):
    for ms in durations:
        record_duration(name, {}, time.time() - age, ms)
    buffer.flush()


def record_labelled(value, *durations):
    """With a label, as declared instruments have them."""
    at = time.time() - 60
    labels = (("format", value),)
    buffer.flush()
    seq = Writer.objects.latest("seq").seq + 1
    store((make_duration("report.render", at, ms, labels=labels) for ms in durations), seq)


def test_its_figures_are_those_of_the_ranked_table(lead):
    record(90.0, 90.0, age=4000)
    record(200.0, name="mail.send")
    record_labelled("pdf", 20.0, 120.0, 700.0)
    record_labelled("csv", 30.0)
    told = ask(lead, format="json").json()
    row = next(row for row in bottlenecks("1h").rows if row.name == "report.render")
    for figure in ("count", "errors", "over", "share", "total", "mean", "p50", "p95", "p99", "max"):
        assert told["now"][figure] == pytest.approx(getattr(row, figure)), figure
    assert told["change"]["count"] == told["before"]["count"] == row.change.count == 2
    assert sum(step["count"] for step in told["steps"]) == sum(part["count"] for part in told["ranges"]) == 4
    assert [one["labels"] for one in told["labels"]] == [{"format": "pdf"}, {"format": "csv"}]
    assert [one["facts"]["count"] for one in told["labels"]] == [3, 1]


def test_the_page_shows_what_the_json_says(lead):
    mark("1.4.2", moment(time.time() - 600))
    record(90.0, 90.0, age=4000)
    record(20.0, 120.0, 700.0)
    page = ask(lead).content.decode()
    assert f"2 of 3 took longer than 100 ms: {share(2 / 3)}." in unescape(page)
    assert "1.4.2" in page
    assert "style=" not in page.split('<div class="panel">')[1].split("<footer")[0]
    assert page.count("<figure") == 2
    assert 'aria-label="Percentiles. p50:' in page


def test_examples_lead_to_their_spans(lead):
    for ms in (5.0, 900.0):
        with start_span("report.page") as span:
            profiler.record("report.render", ms)
    with pytest.raises(RuntimeError), start_span("report.page") as failed, profiler.timed("report.render"):
        raise RuntimeError
    buffer.flush()
    told = ask(lead, format="json").json()
    assert told["slowest"][0]["duration_ms"] == 900.0
    assert told["slowest"][0]["span_id"] == f"{span.get_span_context().span_id:016x}"
    assert [one["trace_id"] for one in told["failed"]] == [f"{failed.get_span_context().trace_id:032x}"]
    one = told["failed"][0]
    assert f"/traces/{one['trace_id']}/#span-{one['span_id']}" in ask(lead).content.decode()


def test_a_cell_of_the_heat_map_counts_its_time_and_durations(lead):
    record(700.0, 700.0)
    page = ask(lead).content.decode()
    (column, row, count) = re.search(r'data-counted="(\d+):(\d+):(\d+)"', page).groups()
    told = dict(re.findall(r'data-(first|column|bounds)="([^"]*)"', page))
    begin = int(told["first"]) + int(column) * int(told["column"])
    least, most = (float(bound) for bound in told["bounds"].split()[int(row) :][:2])
    assert count == "2"
    assert least < 700 <= most
    assert begin <= time.time() - 60 < begin + int(told["column"])


def test_a_range_of_durations_opens_its_traces(lead):
    record(700.0)
    page = ask(lead).content.decode()
    links = [unescape(link) for link in re.findall(r'href="([^"]*/traces/\?[^"]*)"', page)]
    query = {key: value[0] for key, value in parse_qs(urlsplit(links[-1]).query).items()}
    assert query["name"] == "report.render"
    assert float(query["least"]) < 700 <= float(query["most"])
    assert int(query["since"]) <= time.time() - 60 < int(query["until"])


@pytest.mark.parametrize(("compare", "count"), [("before", 1), ("day", 2), ("week", 3), ("", 1)])
def test_it_is_compared_with_an_earlier_window(lead, compare, count):
    record(10.0)
    for number, age in enumerate((3600 + 1800, 86_400 + 1800, 7 * 86_400 + 1800), 1):
        record(*[50.0] * number, age=age)
    told = ask(lead, format="json", compare=compare).json()
    assert told["before"]["count"] == told["change"]["count"] == count
    assert told["before_until"] < told["since"]
    assert any(step["p95_before"] for step in told["steps"])


def test_two_times_can_be_compared_with(lead):
    record(10.0)
    record(50.0, 50.0, age=4 * 3600)
    first, end = (local_minute(int(time.time() - hours * 3600)) for hours in (5, 3))
    page = ask(lead, compare_from=first, compare_to=end)
    assert f'name="compare_from" value="{first}"' in page.content.decode()
    told = ask(lead, compare=f"{first}/{end}", format="json").json()
    assert told["before"]["count"] == 2


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"kind": "gauge"}, "kind=gauge"),
        ({"kind": ""}, "kind="),
        ({"window": "1y"}, "window=1y"),
        ({"threshold": "much"}, "threshold=much"),
        ({"compare": "tomorrow"}, "compare=tomorrow"),
        ({"compare": "2026-01-02T00:00/yesterday"}, "compare=2026-01-02T00:00/yesterday"),
        ({"compare_from": "x"}, "compare=x/None"),
    ],
)
def test_mistakes_in_the_address_are_told(lead, query, named):
    record(10.0)
    answer = ask(lead, format="json", **query)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(named)


def test_one_cannot_compare_with_what_has_not_passed_yet(lead):
    record(10.0)
    now = int(time.time())
    assert ask(lead, compare=f"{local_minute(now - 7200)}/{local_minute(now - 600)}").status_code == 400


def test_a_name_that_was_never_measured_is_not_found(lead):
    record(10.0)
    answer = ask(lead, name="<b>other</b>")
    assert answer.status_code == 404
    assert "<b>other" not in answer.content.decode()
    assert ask(lead, kind="span").status_code == 404


def test_an_empty_window_says_so(lead):
    record(10.0, age=7200)
    page = ask(lead).content.decode()
    assert "report.render was not measured in this window" in page
    record(10.0, age=86_400, name="mail.send")
    assert ask(lead, name="mail.send", window="15m").status_code == 200


@pytest.mark.parametrize("window", ["1m", "15m", "1h", "6h", "24h", "7d", "30d", "4567m"])
def test_every_window_is_drawn_in_not_too_many_steps(lead, window):
    record(10.0, 20.0)
    with translation.override("tr"):
        assert ask(lead, window=window).status_code == 200
    told = ask(lead, window=window, format="json").json()
    assert len(told["steps"]) <= MOST_STEPS + 2
    assert sum(step["count"] for step in told["steps"]) == told["now"]["count"] == 2


def test_only_staff_who_may_see_the_panel_see_it(client):
    assert ask(client).status_code == 302
    client.force_login(make_staff("bo"))
    assert ask(client).status_code == 403
