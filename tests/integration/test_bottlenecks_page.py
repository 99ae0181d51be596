"""The page of the ranked names: its order, what it finds, and where it leads."""

import re
from html import unescape

import pytest

from monitoring import profiler
from monitoring.panel.bottleneck_list import FIRST
from monitoring.store.buffer import buffer
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/monitoring/panel/bottlenecks/"
TIMES = {"report.render": (300, 300), "mail.send": (10, 10, 10, 10), "report.parse": (500,)}


@pytest.fixture
def lead(client):
    client.force_login(make_staff("lead", "monitoring.view_panel"))
    return client


@pytest.fixture
def measured():
    for name, times in TIMES.items():
        for ms in times:
            profiler.record(name, ms)
    buffer.flush()


def names(answer):
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', answer.content.decode())


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["report.render", "report.parse", "mail.send"]),
        ("count", ["mail.send", "report.render", "report.parse"]),
        ("p95", ["report.parse", "report.render", "mail.send"]),
    ],
)
def test_a_column_orders_the_names_by_itself_also_for_machines(lead, measured, sort, order):
    page = lead.get(PAGE, {"sort": sort})
    assert names(page) == order
    assert len(re.findall('aria-sort="descending"', page.content.decode())) == 1
    assert [row["name"] for row in lead.get(PAGE, {"sort": sort, "format": "json"}).json()["rows"]] == order


def test_names_are_found_by_a_part_and_the_order_stays(lead, measured):
    page = lead.get(PAGE, {"q": "REPORT", "sort": "max", "threshold": "250", "window": "6h"})
    assert names(page) == ["report.parse", "report.render"]
    links = [unescape(link) for link in re.findall(r'<th scope="col"[^>]*><a href="([^"]*)"', page.content.decode())]
    assert "?window=6h&threshold=250&sort=count&q=REPORT" in links
    assert "No name that was measured" in lead.get(PAGE, {"q": "zebra"}).content.decode()


def test_a_name_opens_its_page_with_the_same_window_and_threshold(lead, measured):
    page = lead.get(PAGE, {"threshold": "250", "window": "6h"}).content.decode()
    link = unescape(re.search(r'<th scope="row"><a href="([^"]*)">report.parse<', page)[1])
    assert link == f"{PAGE}name/?kind=measure&name=report.parse&window=6h&threshold=250"
    answer = lead.get(link, {}, headers={})
    assert answer.status_code == 200
    assert "took longer than 250 ms" in answer.content.decode()


def test_the_first_names_make_a_small_page_and_the_others_are_one_link_away(lead):
    for number in range(FIRST + 5):
        profiler.record(f"a.rather.long.name.of.what.is.measured.{number:02}", 150.0)
    buffer.flush()
    first = lead.get(PAGE)
    assert len(names(first)) == FIRST
    assert len(first.content) < 60_000
    assert len(names(lead.get(PAGE, {"rows": "all"}))) == FIRST + 5
    assert len(lead.get(PAGE, {"format": "json"}).json()["rows"]) == FIRST + 5


@pytest.mark.parametrize("query", ["sort=speed", "rows=9", "window=1y", "threshold=-1", "threshold=x", "from=x"])
def test_what_cannot_be_shown_is_named(lead, measured, query):
    answer = lead.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert query.split("=")[1] in answer.content.decode()
