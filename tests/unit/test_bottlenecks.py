"""What is slow, from the measures to the command line."""

import json
import time

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from monitoring.deployments import mark
from monitoring.panel.bottlenecks import bottlenecks
from monitoring.panel.comparison import SLOWER
from monitoring.panel.windows import local_minute
from monitoring.profiler import profiler
from monitoring.recording import record_duration
from monitoring.store.buffer import buffer

pytestmark = pytest.mark.django_db


def test_names_are_ranked_by_their_share_of_the_measured_time():
    for ms in (50, 150, 200):
        profiler.record("render", ms)
    with pytest.raises(ZeroDivisionError), profiler.timed("parse"):
        _ = 1 / 0
    record_duration("render", {}, time.time() - 7200, 9_999)
    buffer.flush()
    first, second = bottlenecks("1h", 100).rows
    assert (first.name, first.kind, first.count, first.errors, first.over) == ("render", "measure", 3, 0, 2)
    assert (first.total, first.mean, first.max) == pytest.approx((400, 400 / 3, 200))
    assert first.share == pytest.approx(1, abs=0.01)
    assert first.p50 == pytest.approx(150, rel=0.011)
    assert (second.name, second.count, second.errors) == ("parse", 1, 1)


def test_a_longer_window_sees_more():
    record_duration("render", {}, time.time() - 7200, 20)
    buffer.flush()
    assert not bottlenecks("1h").rows
    assert bottlenecks("6h").rows


def test_equal_shares_are_ranked_by_how_often_they_were_over():
    profiler.record("twice", 150)
    profiler.record("twice", 150)
    profiler.record("once", 300)
    profiler.record("a", 0)
    buffer.flush()
    assert [row.name for row in bottlenecks("1h").rows] == ["twice", "once", "a"]


def test_each_name_has_its_own_threshold_unless_one_is_asked_for(settings):
    settings.BOTTLENECK_THRESHOLDS = [("slow.*", 5000.0)]
    for name in ("slow.import", "quick"):
        for ms in (50, 250):
            profiler.record(name, ms)
    buffer.flush()
    report = bottlenecks("1h")
    assert report.threshold is None
    assert {row.name: (row.threshold, row.over) for row in report.rows} == {"slow.import": (5000, 0), "quick": (100, 1)}
    assert {(row.threshold, row.over) for row in bottlenecks("1h", 10).rows} == {(10, 2)}


def test_a_row_tells_what_became_of_it_since_the_period_before():
    moment = time.time()
    for ms in range(60, 160):
        record_duration("slowed", {}, moment - 5400, float(ms))
        record_duration("slowed", {}, moment - 600, 3.0 * ms)
    record_duration("gone", {}, moment - 5400, 5.0)
    record_duration("new", {}, moment - 600, 5.0)
    buffer.flush()
    slowed, new = bottlenecks("1h").rows
    assert (slowed.change.count, slowed.change.verdict) == (100, SLOWER)
    assert slowed.change.ratio == pytest.approx(3, rel=0.022)
    assert slowed.change.p95 == pytest.approx(154, rel=0.011)
    assert (new.name, new.change.count, new.change.ratio) == ("new", 0, None)


def test_a_window_between_two_times_is_compared_with_as_long_a_time_before():
    ten = int(time.time()) // 600 * 600 - 3600
    for second, ms in (
        (ten - 601, 1.0),
        (ten - 600, 2.0),
        (ten - 1, 3.0),
        (ten, 4.0),
        (ten + 599, 5.0),
        (ten + 600, 6.0),
    ):
        record_duration("work", {}, second, ms)
    buffer.flush()
    report = bottlenecks(f"{local_minute(ten)}/{local_minute(ten + 600)}")
    (row,) = report.rows
    assert (report.before, report.since, report.until) == (ten - 600, ten, ten + 599)
    assert (row.count, row.total, row.change.count) == (2, 9.0, 2)


def test_the_command_prints_the_report_as_a_table_and_as_json(capsys):
    profiler.record("render", 250)
    buffer.flush()
    mark("1.4.2", now())
    call_command("bottlenecks")
    head, deployed, names, row = capsys.readouterr().out.splitlines()
    assert head.startswith("Window 1h")
    assert deployed.startswith("deployed 1.4.2 at 20")
    assert names.split() == [
        *("name", "kind", "count", "errors", "over", "threshold", "share"),
        *("total", "mean", "p50", "p95", "p99", "max", "change"),
    ]
    assert row.split() == ["render", "measure", "1", "0", "1", "100", "100.0%", *["250.00"] * 6, "-"]
    call_command("bottlenecks", "--format=json", "--window=15m", "--threshold=300")
    printed = json.loads(capsys.readouterr().out)
    assert printed["rows"] == bottlenecks("15m", 300).as_json()["rows"]
    assert [deployment["version"] for deployment in printed["deployments"]] == ["1.4.2"]
    assert (printed["window"], printed["threshold"], printed["rows"][0]["over"]) == ("15m", 300.0, 0)


def test_the_table_says_what_became_of_a_name(capsys):
    moment = time.time()
    for ms in range(60, 160):
        record_duration("faster", {}, moment - 5400, 3.0 * ms)
        record_duration("faster", {}, moment - 600, float(ms))
        record_duration("as.before", {}, moment - 5400, float(ms))
        record_duration("as.before", {}, moment - 600, float(ms))
    buffer.flush()
    call_command("bottlenecks")
    ends = {line.split()[0]: line.split()[13:] for line in capsys.readouterr().out.splitlines()[2:]}
    assert ends == {"as.before": ["1.00x"], "faster": ["0.33x", "faster"]}


def test_the_command_says_that_nothing_was_measured(capsys):
    call_command("bottlenecks")
    assert capsys.readouterr().out.startswith("Nothing was measured in the window 1h")


@pytest.mark.parametrize("option", ["--window=1y", "--threshold=much", "--format=xml"])
def test_the_command_names_what_it_cannot_use(option):
    with pytest.raises(CommandError, match=option.removeprefix("--").partition("=")[0]):
        call_command("bottlenecks", option)
