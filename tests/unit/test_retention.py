"""What is too old or too much goes, kind by kind; what an exemplar points to stays as long as the exemplar."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django_q.models import Task

from monitoring import retention
from monitoring.jobs import delete_old_logs
from monitoring.models import Deploy, Exemplar, JobRun, Measure, Rollup, Series, Span, Total, Writer
from monitoring.store.histogram import Histogram
from monitoring.store.tiers import RESOLUTIONS
from tests.factories import NOON
from tests.telemetry import make_process, make_run, make_span

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def series():
    return Series.objects.create(kind="histogram", name="work")


def prune(now=NOON):
    counts = Counter()
    for kind, deleted in retention.prune(now):
        counts[kind] += deleted
    return {kind: count for kind, count in counts.items() if count}


def make_measures(series, *ages):
    Measure.objects.bulk_create(Measure(series=series, at=(NOON - age).timestamp(), duration_ms=1) for age in ages)


def ages(now=NOON):
    return [round((now.timestamp() - at) / 3600) for at in Measure.objects.order_by("pk").values_list("at", flat=True)]


def make_exemplar(series, age, ms=1.0, trace="", *, ok=True):
    at = (NOON - age).timestamp()
    bucket = int(at) // 60 * 60
    return Exemplar.objects.create(series=series, bucket=bucket, at=at, duration_ms=ms, ok=ok, trace_id=trace)


def test_measures_go_by_age(series):
    make_measures(series, *(hours * HOUR for hours in range(60, 0, -1)))
    assert prune() == {"measures": 12}
    assert max(ages()) == 48


def test_measures_go_in_rounds(series, monkeypatch):
    monkeypatch.setattr(retention, "ROUND", 7)
    make_measures(series, *([50 * HOUR] * 20), *([HOUR] * 20))
    rounds = [deleted for kind, deleted in retention.prune(NOON) if kind == "measures"]
    assert (max(rounds), sum(rounds)) == (7, 20)
    assert Measure.objects.count() == 20


def test_a_young_measure_among_old_ones_stays(series):
    """A process whose clock was wrong wrote between others: what it measured must not take theirs along."""
    make_measures(series, *([HOUR, 400 * DAY] * 30), *([HOUR] * 3))
    prune()
    assert Measure.objects.filter(at__gte=(NOON - HOUR).timestamp()).count() == 33


def test_measures_go_by_their_number_whatever_their_age(series, settings):
    settings.TELEMETRY_MOST_MEASURES = 10
    make_measures(series, *(hours * HOUR for hours in range(30, 0, -1)))
    assert prune() == {"measures": 20}
    assert ages() == list(range(10, 0, -1))


@pytest.mark.parametrize(("hours", "first"), [(1, 60), (48, 13), (59, 2), (100, 1), (0, 61)])
def test_the_first_measure_of_an_age_is_found_by_its_id(series, hours, first):
    make_measures(series, *(age * HOUR for age in range(60, 0, -1)))
    lowest = Measure.objects.order_by("pk").first().pk
    Measure.objects.filter(pk=lowest + 30).delete()
    assert retention.first_measure_since((NOON - hours * HOUR).timestamp()) == lowest + first - 1


def test_without_measures_there_is_no_first(series):
    assert retention.first_measure_since(0) == 0


def test_a_span_stays_as_long_as_an_exemplar_points_to_its_trace(series):
    kept, gone, young = (make_span(at=NOON - age) for age in (8 * DAY, 8 * DAY, DAY))
    make_span(at=NOON - 8 * DAY, parent=kept)
    make_exemplar(series, 8 * DAY, trace=kept.trace_id)
    assert prune() == {"spans": 1}
    assert set(Span.objects.values_list("trace_id", flat=True)) == {kept.trace_id, young.trace_id}
    assert prune(NOON + 23 * DAY) == {"exemplars": 1, "spans": 3}
    assert gone.trace_id not in Span.objects.values_list("trace_id", flat=True)


def test_of_too_many_spans_the_oldest_go_that_no_exemplar_points_to(series, settings):
    settings.TELEMETRY_MOST_SPANS = 3
    spans = [make_span(at=NOON - hours * HOUR) for hours in (6, 5, 4, 3, 2, 1)]
    for span in spans[:2]:
        make_exemplar(series, 6 * HOUR, trace=span.trace_id)
    assert prune() == {"spans": 3}
    assert list(Span.objects.order_by("started_at")) == [*spans[:2], spans[5]]


def test_where_exemplars_point_to_more_spans_than_wanted_all_of_those_stay(series, settings):
    settings.TELEMETRY_MOST_SPANS = 1
    for hours in (1, 2, 3):
        make_exemplar(series, HOUR, trace=make_span(at=NOON - hours * HOUR).trace_id)
    assert prune() == {}
    assert Span.objects.count() == 3


def test_exemplars_older_than_a_day_are_thinned_to_the_best_of_each_series_and_hour(series):
    other = Series.objects.create(kind="span", name="work")
    old = 2 * DAY + timedelta(minutes=30)
    for number in range(10):
        age = old + number * timedelta(minutes=1)
        make_exemplar(series, age, ms=number)
        make_exemplar(series, age, ms=0.1, ok=False)
        make_exemplar(series, HOUR, ms=number)
    make_exemplar(series, old + HOUR, ms=0.5)
    make_exemplar(other, old, ms=0.5)
    assert prune() == {"exemplars": 14}
    of_the_hour = Exemplar.objects.filter(series=series, at__gt=(NOON - old - HOUR).timestamp())
    of_the_hour = of_the_hour.filter(at__lt=(NOON - DAY).timestamp())
    assert sorted(of_the_hour.filter(ok=True).values_list("duration_ms", flat=True)) == [7, 8, 9]
    failed_at = of_the_hour.filter(ok=False).values_list("at", flat=True)
    assert sorted(round((NOON - old).timestamp() - at) // 60 for at in failed_at) == [7, 8, 9]
    assert Exemplar.objects.count() == 6 + 10 + 2
    assert prune() == {}


def test_a_span_of_a_thinned_exemplar_goes(series):
    slow = [make_span(at=NOON - 8 * DAY) for _ in range(4)]
    for number, span in enumerate(slow):
        make_exemplar(series, 8 * DAY, ms=number, trace=span.trace_id)
    assert retention.doomed(NOON)["spans"] == 1
    assert prune() == {"exemplars": 1, "spans": 1}
    assert not Span.objects.filter(trace_id=slow[0].trace_id).exists()


def test_figures_go_as_their_resolution_is_kept_and_totals_stay(series, settings):
    settings.TELEMETRY_KEEP_BY_MINUTE = 3 * 3600
    at = int((NOON - 4 * HOUR).timestamp())
    columns = Total.columns(Histogram())
    Total.objects.create(series=series, **columns)
    for resolution in RESOLUTIONS:
        Rollup.objects.create(series=series, resolution=resolution, bucket=at // resolution * resolution, **columns)
    assert prune() == {"figures": 1}
    assert prune(NOON + 4000 * DAY) == {"figures": 3}
    assert Total.objects.exists()


def test_the_other_kinds_go_by_age():
    for age in (1, 29, 31):
        make_run(at=NOON - age * DAY)
        make_process(at=NOON - age * DAY)
    for age in (1, 8):
        Task.objects.create(id=f"{age:032}", func="f", started=NOON, stopped=NOON - age * DAY, success=True)
    for age in (1000, 1100):
        Deploy.objects.create(at=NOON - age * DAY, version="1")
    assert prune() == {"job runs": 1, "processes": 1, "queue results": 1, "deployments": 1}
    assert (JobRun.objects.count(), Writer.objects.count(), Task.objects.count(), Deploy.objects.count()) == (
        2,
        2,
        1,
        1,
    )


def test_a_dry_run_says_what_would_go_and_deletes_nothing(series, capsys):
    make_measures(series, 9000 * DAY)
    make_span(at=NOON - 9000 * DAY)
    call_command("prune_telemetry", dry_run=True)
    assert capsys.readouterr().out == "Would delete 1 measures, 1 spans.\n"
    assert (Measure.objects.count(), Span.objects.count()) == (1, 1)


def test_the_command_and_the_job_delete_the_same(series, capsys):
    for command, options in (("prune_telemetry", {"verbosity": 0}), ("delete_old_logs", {})):
        make_measures(series, 9000 * DAY)
        call_command(command, **options)
        assert capsys.readouterr().out == "Deleted 1 measures.\n"
        assert not Measure.objects.exists()
    assert delete_old_logs() == "Deleted nothing."


def test_the_command_shows_how_far_it_is(series, capsys):
    make_measures(series, 9000 * DAY)
    call_command("prune_telemetry")
    assert "1/1" in capsys.readouterr().err


def test_ctrl_c_ends_the_command_between_two_rounds(series, monkeypatch):
    monkeypatch.setattr(retention, "ROUND", 2)
    make_measures(series, *([9000 * DAY] * 5))
    paused = 0

    def pause(_seconds):
        nonlocal paused
        paused += 1
        if paused == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("monitoring.retention.time.sleep", pause)
    with pytest.raises(CommandError, match="the rest goes next time") as ended:
        call_command("prune_telemetry", verbosity=0)
    assert ended.value.returncode == 130
    assert Measure.objects.count() == 1


def test_the_job_stops_in_time_and_the_next_one_goes_on(series, settings, monkeypatch):
    settings.JOB_TIMEOUT = 0
    monkeypatch.setattr(retention, "ROUND", 2)
    make_measures(series, *([9000 * DAY] * 3))
    assert delete_old_logs() == "Deleted 2 measures; then the time was up, and the next run goes on."
    assert Measure.objects.count() == 1
    assert delete_old_logs().startswith("Deleted 1 measures")


@pytest.mark.skipif(connections["telemetry"].vendor != "sqlite", reason="PostgreSQL looks after its files itself")
@pytest.mark.django_db(transaction=True)
def test_the_file_gets_smaller_when_asked_to(series):
    make_measures(series, *([9000 * DAY] * 20_000))
    pages = lambda: connections["telemetry"].cursor().execute("PRAGMA page_count").fetchone()[0]  # noqa: E731
    before = pages()
    call_command("prune_telemetry", vacuum=True, verbosity=0)
    assert pages() < before / 2
