"""The lists of Django's admin: pages by keyset, whatever is asked, and never a row counted, skipped or changed."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from django_q.models import OrmQ, Schedule

from monitoring import ReadOnlyAdmin
from monitoring.models import AuditEntry, Deploy, Exemplar, JobRun, Measure, Series, Span, Writer
from tests.factories import NOON, make_staff
from tests.telemetry import make_process, make_run, make_span

pytestmark = pytest.mark.django_db
OURS = [model for model, listed in admin.site._registry.items() if isinstance(listed, ReadOnlyAdmin)]
THEIRS = [model for model in OURS if model._meta.app_label in ("monitoring", "django_q")]


def address(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def viewer(client, *models):
    user = make_staff("ana", *(f"{model._meta.app_label}.view_{model._meta.model_name}" for model in models))
    client.force_login(user)
    return client


@pytest.fixture
def reader(client):
    return viewer(client, *THEIRS)


def links(response):
    found = re.search(r'<nav class="pages".*?</nav>', response.content.decode(), re.S)
    pairs = re.findall(r'<a href="([^"]*)"[^>]*>\W*(\w[\w ]*\w)\W*</a>', unescape(found[0]))
    return {text: href for href, text in pairs}


def told(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def listed(response):
    return [str(row) for row in response.context["cl"].result_list]


def series_of(*names):
    return Series.objects.bulk_create(Series(kind="histogram", name=name) for name in names)


def measures_of(series, count, *, ok=True, since=None):
    began = (since or now() - timedelta(hours=2)).timestamp()
    rows = (Measure(series=series, at=began + n, duration_ms=n, ok=ok) for n in range(count))
    return Measure.objects.bulk_create(rows)


def test_every_list_of_the_panel_and_of_the_queue_is_one_of_these():
    assert {Series, Measure, Span, Exemplar, Deploy, JobRun, Writer, AuditEntry, Schedule, OrmQ} <= set(OURS)
    queue = [model for model in admin.site._registry if model._meta.app_label == "django_q"]
    assert set(queue) <= set(OURS)


@pytest.mark.parametrize("model", THEIRS, ids=lambda model: model._meta.label)
def test_a_list_is_sorted_and_begun_by_what_an_index_serves(model, rf):
    listing = admin.site._registry[model]
    request = rf.get("/")
    for name in listing.get_ordering(request) or model._meta.ordering:
        assert name.lstrip("-") in {"pk", *listing.sorting_fields(request)}
    assert listing.search_help_text or not listing.search_fields


@pytest.mark.parametrize("model", THEIRS, ids=lambda model: model._meta.label)
def test_nobody_sees_a_list_without_the_right_to_and_with_it_changes_nothing(client, model):
    others = [other for other in THEIRS if other is not model]
    assert viewer(client, *others).get(address(model)).status_code == 403
    client.logout()
    assert client.get(address(model)).status_code == 302
    user = make_staff("bo", f"{model._meta.app_label}.view_{model._meta.model_name}")
    client.force_login(user)
    assert client.get(address(model)).status_code == 200
    assert client.get(f"{address(model)}add/").status_code == 403
    assert "addlink" not in client.get(address(model)).content.decode()


def test_pages_are_walked_down_and_up_without_losing_or_repeating_a_row(reader):
    """Many rows of one moment, so that the primary key must tell them apart."""
    expected = [str(make_span(f"span {n:03}", NOON + timedelta(seconds=n // 60))) for n in range(120)][::-1]
    pages, answer = [], reader.get(address(Span))
    while True:
        pages.append(listed(answer))
        if "Older" not in links(answer):
            break
        answer = reader.get(address(Span) + links(answer)["Older"])
    assert [row for page in pages for row in page] == expected
    assert [len(page) for page in pages] == [50, 50, 20]
    back = reader.get(address(Span) + links(answer)["Newer"])
    assert listed(back) == pages[1]
    assert listed(reader.get(address(Span) + links(back)["Newer"])) == pages[0]
    assert "Newest" not in links(reader.get(address(Span)))


def test_the_last_page_is_one_link_away_and_so_is_the_first(reader):
    measures_of(series_of("work")[0], 120)
    last = reader.get(address(Measure) + links(reader.get(address(Measure)))["Oldest"])
    assert listed(last) == [f"{n:.1f} ms" for n in range(49, -1, -1)]
    assert set(links(last)) == {"Newest", "Newer"}
    assert listed(reader.get(address(Measure) + links(last)["Newer"]))[0] == "99.0 ms"
    assert listed(reader.get(address(Measure) + links(last)["Newest"]))[0] == "119.0 ms"


def test_a_list_that_is_sorted_the_other_way_names_its_pages_so(reader):
    for n in range(60):
        make_span(f"span {n:02}", NOON + timedelta(seconds=n))
    first = reader.get(address(Span), {"o": "0"})
    assert listed(first)[0] == "span 00"
    assert list(links(first)) == ["Newer", "Newest"]
    assert listed(reader.get(address(Span) + links(first)["Newer"])) == [f"span {n}" for n in range(50, 60)]


def test_what_has_no_index_is_no_column_to_sort_by_even_when_the_address_asks(reader):
    make_span("slow", NOON, ms=900)
    make_span("quick", NOON + timedelta(seconds=1), ms=1)
    page = reader.get(address(Span), {"o": "-2"})
    assert listed(page) == ["quick", "slow"]
    assert re.findall(r'<div class="text"><a[^>]*>([^<]+)</a>', page.content.decode()) == ["Started at"]


def test_filters_search_and_dates_go_along_to_the_next_page(reader):
    for n in range(60):
        make_run("sweep", NOON + timedelta(seconds=n), status="failed")
        make_run("other", NOON + timedelta(seconds=n))
    make_run("sweep", NOON + timedelta(days=40), status="failed")
    asked = {"q": "sweep", "result": "jobrun_not_well", "started_at__year": 2026, "started_at__month": 3}
    first = reader.get(address(JobRun), asked)
    assert listed(first) == ["sweep"] * 50
    second = reader.get(address(JobRun) + links(first)["Older"])
    assert listed(second) == ["sweep"] * 10
    assert 'name="before"' not in second.content.decode()  # a new search begins at the top


def test_dates_lead_from_years_to_days(reader):
    for day in (NOON, NOON + timedelta(days=1), NOON + timedelta(days=3), NOON + timedelta(days=400)):
        make_span("work", day)
    years = reader.get(address(Span)).context["cl"].dates
    assert [year["title"] for year in years["choices"]] == ["2026", "2027"]
    months = reader.get(address(Span) + years["choices"][0]["link"]).context["cl"].dates
    assert [month["title"] for month in months["choices"]][:2] == ["March 2026", "April 2026"]
    days = reader.get(address(Span) + months["choices"][0]["link"])
    assert len(listed(days)) == 3
    first = days.context["cl"].dates["choices"][0]
    assert first["title"] == "March 2"
    day = reader.get(address(Span) + first["link"])
    assert len(listed(day)) == 1
    assert "March 2026" in told(day)


def test_measures_are_found_by_name_time_and_failure(reader):
    sweep, other = series_of("sweep", "other")
    measures_of(sweep, 3)
    measures_of(sweep, 1, ok=False)
    measures_of(other, 5, since=now() - timedelta(minutes=1))
    assert len(listed(reader.get(address(Measure), {"q": "sweep"}))) == 4
    assert len(listed(reader.get(address(Measure), {"series__id__exact": sweep.pk}))) == 4
    assert len(listed(reader.get(address(Measure), {"last": "hour"}))) == 5
    assert len(listed(reader.get(address(Measure), {"last": "day"}))) == 9
    assert len(listed(reader.get(address(Measure), {"result": "measure_failed"}))) == 1
    assert listed(reader.get(address(Measure), {"q": "swee"})) == []
    assert f"series__id__exact={sweep.pk}" in reader.get(address(Series)).content.decode()


def test_a_search_finds_the_whole_of_a_value(reader):
    span = make_span()
    make_span()
    assert listed(reader.get(address(Span), {"q": f" {span.trace_id} "})) == ["work"]
    assert listed(reader.get(address(Span), {"q": span.trace_id[:8]})) == []
    make_process("web")
    AuditEntry.objects.create(at=NOON, actor_name="ana", action="claim", target="session 1 of 2")
    for term in ("session 1 of 2", "ana", "claim"):
        assert len(listed(reader.get(address(AuditEntry), {"q": term}))) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"before": "yesterday"},
        {"before": "2026-03-02T12:00:00+00:00~x"},
        {"after": "2026-03-02~1"},
        {"before": "\x00~1"},
        {"started_at__day": "5"},
        {"started_at__year": "9999"},
        {"started_at__year": "2026", "started_at__day": "5"},
        {"name__icontains": "a"},
        {"duration_ms__gte": "5"},
    ],
    ids=str,
)
def test_an_address_that_would_look_at_every_row_or_means_nothing_is_refused(reader, asked):
    assert reader.get(address(Span), asked).status_code == 400


def test_no_list_counts_its_rows_or_skips_any(reader):
    series = series_of("work")[0]
    measures_of(series, 120)
    for n in range(60):
        make_span(at=NOON + timedelta(days=n))
        make_run(at=NOON + timedelta(days=n))
        make_process(at=NOON + timedelta(days=n))
        Exemplar.objects.create(series=series, bucket=60 * n, at=60 * n, duration_ms=n, trace_id="a", span_id="b")
        Deploy.objects.create(at=NOON + timedelta(days=n), version=f"v{n}")
        AuditEntry.objects.create(at=NOON + timedelta(days=n), actor_name="ana", action="claim", target="session 1")
    with (
        CaptureQueriesContext(connections["telemetry"]) as telemetry,
        CaptureQueriesContext(connections["default"]) as own,
    ):
        for model in THEIRS:
            for asked in ({}, {"q": "work"}, {"o": "0"}):
                answer = reader.get(address(model), asked)
                for link in links(answer).values():
                    assert reader.get(address(model) + link).status_code == 200
    asked = [query["sql"] for query in (*telemetry, *own)]
    assert len(asked) > 100
    for sql in asked:
        assert "COUNT(" not in sql
        assert "OFFSET" not in sql
        assert "MIN(" not in sql


def test_measures_are_found_by_their_days_and_by_their_ids_alone(reader):
    series = series_of("work")[0]
    for days, count in ((0, 3), (1, 4), (31, 5)):
        measures_of(series, count, since=NOON + timedelta(days=days))
    page = reader.get(address(Measure))
    assert "March 2026 April 2026" in told(page)
    march = reader.get(address(Measure), {"at__year": "2026", "at__month": "3"})
    assert len(listed(march)) == 7
    assert "‹ 2026 March 2 March 3" in told(march)
    with CaptureQueriesContext(connections["telemetry"]) as asked:
        second = reader.get(address(Measure), {"at__year": "2026", "at__month": "3", "at__day": "2", "q": "work"})
    assert len(listed(second)) == 3
    assert 'name="at__day" value="2"' in second.content.decode()  # a search keeps the day
    assert '"id" >= ' in next(query["sql"] for query in asked if '"duration_ms"' in query["sql"])
    assert len(listed(reader.get(address(Measure), {"at__year": "2026"}))) == 12
    assert listed(reader.get(address(Measure), {"at__year": "2025"})) == []
    for wrong in ({"at__day": "2"}, {"at__year": "x"}, {"at__year": "2026", "at__month": "13"}, {"at__year": "99999"}):
        assert reader.get(address(Measure), wrong).status_code == 400


def test_the_schedules_say_where_they_are_changed(reader):
    Schedule.objects.create(name="sweep", func="jobs.sweep", schedule_type=Schedule.CRON, cron="* * * * *")
    page = told(reader.get(address(Schedule)))
    assert "adminara/schedules.py" in page
    assert "* * * * *" in page
    one = reverse("admin:django_q_schedule_change", args=[Schedule.objects.get().pk])
    assert reader.get(one).status_code == 200
    assert reader.post(one, {"name": "other"}).status_code == 403


def test_an_unknown_filter_does_not_break_the_list(reader):
    assert reader.get(f"{address(Span)}?{urlencode({'colour': 'red'})}").status_code == 302
