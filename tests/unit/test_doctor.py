"""The telemetry is examined, and each thing wrong becomes a sentence with what to do."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils.timezone import now

from monitoring.models import Delta, Exemplar, Figures, JobRun, Leader, Measure, Series, Span, Total, Writer
from monitoring.panel.doctor import DAY, Kind, examine
from monitoring.panel.findings import facts, findings
from monitoring.panel.processes import processes
from monitoring.store.fold import OTHER
from monitoring.store.histogram import Histogram
from monitoring.store.sizes import Size
from tests.factories import NOON
from tests.telemetry import make_process, make_run, make_span

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def well():
    """A web process lives and the figures were merged just now."""
    Leader.objects.update_or_create(pk=1, defaults={"compacted_at": NOON})
    return make_process("web", NOON)


@pytest.fixture
def series():
    return Series.objects.create(kind="histogram", name="work")


def told(**changed):
    return [(finding.level, finding.text) for finding in findings(replace(examine(NOON), **changed))]


def only(**changed):
    (finding,) = told(**changed)
    return finding


def figures(count):
    histogram = Histogram()
    histogram.count = count
    return Figures.columns(histogram)


def kind(name="Measures", at=NOON):
    return next(kind for kind in examine(at).kinds if kind.name == name)


def make_measures(series, *ages):
    Measure.objects.bulk_create(Measure(series=series, at=(NOON - age).timestamp(), duration_ms=1) for age in ages)


def test_where_all_is_well_one_sentence_says_so(well):
    assert only() == ("good", "Telemetry is well: nothing is shed, refused, late or full.")


def test_without_a_process_nothing_is_recorded():
    assert only() == ("bad", "No process is running, so nothing is recorded.")


def test_a_process_lives_until_it_says_that_it_ends_or_says_nothing_for_20_s(well):
    make_process("worker", NOON, ended=True)
    make_process("metrics", NOON - timedelta(seconds=21))
    make_process("worker", NOON - 25 * HOUR)
    assert [(row.role, row.state) for row in processes(NOON)] == [
        ("web", "living"),
        ("worker", "ended"),
        ("metrics", "died"),
    ]


def test_spans_are_open_in_living_processes_alone(well):
    make_process("worker", NOON, active_spans=3)
    make_process("worker", NOON, active_spans=4)
    make_process("worker", NOON - HOUR, active_spans=100)
    assert examine(NOON).active_spans == 7


def test_processes_that_died_are_named_but_for_commands(well):
    for number in range(7):
        make_process("worker", NOON - HOUR - timedelta(seconds=number))
    make_process("command", NOON - HOUR)
    names = ", ".join(["worker 1"] * 5)
    assert only() == ("warn", f"7 processes died in the last day: {names}, ….")


def test_a_process_that_falls_behind_is_named(well):
    make_process("worker", NOON, behind_s=9)
    assert only()[0] == "good"
    make_process("worker", NOON, behind_s=95)
    assert only() == ("warn", "The process worker 1 is 1 min 35 s behind with writing.")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"shed": 1200}, "1,200 records were shed by processes of the last day."),
        ({"failures": 1}, "Telemetry failed 1 time in processes of the last day."),
        ({"refused": {"duration": 3, "name": 0}}, "Refused durations (negative, infinite or over a week): 3."),
        ({"refused": {"name": 2}}, "Names of more than 200 characters, which were cut: 2."),
        ({"refused": {"label": 1}}, "Labels that no instrument declares, which were left out: 1."),
    ],
)
def test_what_processes_lost_in_the_last_day_is_told_with_what_to_do(well, fields, text):
    make_process("worker", NOON - 2 * HOUR, ended=True, **fields)
    make_process("worker", NOON - 25 * HOUR, ended=True, **fields)
    (finding,) = findings(examine(NOON))
    assert (finding.level, finding.text) == ("warn", text)
    assert finding.remedy


def test_figures_that_are_not_merged_are_told(well, series):
    Leader.objects.all().delete()
    assert only()[0] == "good"  # it has just begun
    Writer.objects.update(started_at=NOON - timedelta(minutes=2))
    assert only() == ("bad", "Figures were never merged.")
    Leader.objects.create(pk=1, compacted_at=NOON - timedelta(seconds=50))
    assert only()[0] == "good"
    Leader.objects.update(compacted_at=NOON - timedelta(seconds=90))
    assert only() == ("bad", "Figures were last merged 1 min 30 s ago.")
    Delta.objects.create(series=series, bucket=(NOON - HOUR).timestamp(), writer="w", seq=1, **figures(1))
    assert only() == ("bad", "Figures are not merged: 1 deltas wait, the oldest since 1 h 00 min.")


def test_deltas_of_a_minute_that_lasts_are_no_matter(well, series):
    Delta.objects.create(series=series, bucket=NOON.timestamp(), writer="w", seq=1, **figures(1))
    assert only()[0] == "good"


def test_names_beyond_the_cap_are_counted_and_told(well, series, monkeypatch):
    monkeypatch.setattr("monitoring.panel.doctor.MOST_SERIES", 5)
    for number in range(2):
        Series.objects.create(kind="histogram", name="wide", labels=f'[["id","{number}"]]')
    assert only()[0] == "good"
    other = Series.objects.create(kind="histogram", name=OTHER)
    assert only() == ("warn", "4 of 5 series are taken; the rest would be counted under __other__.")
    Total.objects.create(series=other, **figures(40))
    Delta.objects.create(series=other, bucket=NOON.timestamp(), writer="w", seq=1, **figures(2))
    (finding,) = findings(examine(NOON))
    assert finding.text == "There are more names than 5 series: 42 records are counted under __other__."
    assert "the name with the most labels is wide (2), the newest are wide, wide, work." in finding.remedy


def test_growth_is_that_of_the_last_day(series):
    make_measures(series, *([30 * HOUR] * 10), *([HOUR] * 24))
    assert (kind().rows, kind().per_day, kind().oldest) == (34, 24, NOON - 30 * HOUR)


def test_growth_of_what_is_younger_than_a_day_is_that_since_the_first(series):
    make_measures(series, 6 * HOUR, HOUR)
    assert kind().per_day == 8
    assert kind("Spans").per_day == 0
    make_span(at=NOON - timedelta(minutes=1))
    assert kind("Spans").per_day == 24  # not 1440: a minute says little


def test_every_kind_is_counted(well, series):
    make_run(at=NOON)
    make_span(at=NOON)
    at = NOON.timestamp()
    Exemplar.objects.create(series=series, bucket=at, at=at, duration_ms=1, trace_id="a", span_id="b")
    make_measures(series, HOUR)
    rows = {kind.name: kind.rows for kind in examine(NOON).kinds}
    assert rows == {"Measures": 1, "Spans": 1, "Job runs": 1, "Exemplars": 1, "Figures by the minute": 0}


@pytest.mark.parametrize(
    ("rows", "per_day", "days"),
    [(0, 500, None), (500, 501, 500 / 501), (1000, 501, 0), (2000, 600, 0), (0, 0, None)],
)
def test_the_cap_is_reached_only_where_age_does_not_come_first(rows, per_day, days):
    kind = Kind("Measures", rows, None, per_day, keep_s=2 * DAY, keep_setting="K", cap=1000, cap_setting="M")
    assert kind.days_to_cap == days


def test_a_cap_that_comes_before_the_age_is_told(well, series, settings):
    settings.TELEMETRY_MOST_MEASURES = 40
    make_measures(series, *([23 * HOUR] * 24))
    assert only() == ("warn", "Measures: 25 a day reach the cap of 40 in 0.6 days, before they are too old.")


def test_rows_that_nobody_deletes_are_told(well, series, settings):
    make_measures(series, 52 * HOUR)
    assert only() == ("bad", "Measures: there are more or older ones than the limits allow.")
    make_measures(series, 50 * HOUR)
    Measure.objects.order_by("pk").first().delete()
    assert only()[0] == "good"  # the job comes hourly
    settings.TELEMETRY_MOST_SPANS = 2
    for _ in range(4):
        make_span(at=NOON - 9 * 24 * HOUR)
    assert only() == ("bad", "Spans: there are more or older ones than the limits allow.")


def test_a_full_disk_is_told(well):
    text = "The disk of the telemetry database has 953.7\xa0MB left; the database takes 1.9\xa0MB."
    assert only(size=Size(2_000_000, 999_999_999)) == ("bad", text)
    assert only(size=Size(2_000_000, 1_000_000_000))[0] == "good"
    assert only(size=Size(2_000_000, None))[0] == "good"


def test_the_size_is_known_and_with_a_file_the_room_that_is_left():
    size = examine(NOON).size
    assert size.used > 100_000
    assert bool(size.free) == (connections["telemetry"].vendor == "sqlite")


def test_what_is_worse_comes_first(well, series):
    make_process("worker", NOON, shed=1)
    make_measures(series, 99 * HOUR)
    assert [level for level, _ in told()] == ["bad", "warn"]


def test_facts_are_told_whether_or_not_anything_is_wrong(well, series):
    make_measures(series, HOUR)
    Leader.objects.update(compacted_at=NOON - timedelta(seconds=4))
    measures, spans, *_, names, merged, room = facts(examine(NOON))
    assert measures == "Measures: 1, 24 a day, kept for 2 d; at this rate there are never 5,000,000."
    assert spans.startswith("Spans: 0, 0 a day")
    assert names == "1 of 2,000 series are taken; 0 records are counted under __other__, for want of one."
    assert merged == "Figures were last merged 4.00 s ago; deltas that wait for their minute to end: 0."
    assert room.startswith("The database takes ")


def test_the_command_says_all_is_well(capsys):
    make_process("web", now())
    call_command("telemetry_doctor")
    told = capsys.readouterr().out
    assert told.startswith("✓ Telemetry is well")
    assert "Living processes: 1, with 0 open spans." in told


def test_the_command_fails_when_a_person_is_needed(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("telemetry_doctor")
    assert ended.value.code == 1
    assert "✕ No process is running, so nothing is recorded. Start them" in capsys.readouterr().out


def test_the_command_speaks_json(capsys):
    make_process("web", now(), refused={"name": 3}, active_spans=2)
    with pytest.raises(SystemExit):
        call_command("telemetry_doctor", format="json")
    told = json.loads(capsys.readouterr().out)
    assert [finding["level"] for finding in told["findings"]] == ["warn"]
    assert (told["active_spans"], told["refused"], told["processes"][0]["state"]) == (2, {"name": 3}, "living")
    assert {kind["name"]: kind["days_to_cap"] for kind in told["kinds"]}["Measures"] is None
    assert (JobRun.objects.count(), Span.objects.count()) == (0, 0)
