"""What is slow, from the measures to the command line."""

import json
import time

import pytest
from django.core.management import CommandError, call_command

from monitoring.errors import BadParameter
from monitoring.panel.bottlenecks import bottlenecks, milliseconds, seconds
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


@pytest.mark.parametrize("window", ["", "1", "1x", "0m", "31d", "-1h", "1 h", "9999999d"])
def test_a_bad_window_is_named(window):
    with pytest.raises(BadParameter, match=r"^window="):
        seconds(window)


@pytest.mark.parametrize("threshold", ["", "x", "-1", "nan", "inf", "1e10"])
def test_a_bad_threshold_is_named(threshold):
    with pytest.raises(BadParameter, match=r"^threshold="):
        milliseconds(threshold)


def test_the_command_prints_the_report_as_a_table_and_as_json(capsys):
    profiler.record("render", 250)
    buffer.flush()
    call_command("bottlenecks")
    head, names, row = capsys.readouterr().out.splitlines()
    assert head.startswith("Window 1h")
    assert names.split() == [
        *("name", "kind", "count", "errors", "over", "share", "total", "mean", "p50", "p95", "p99", "max")
    ]
    assert row.split()[:6] == ["render", "measure", "1", "0", "1", "100.0%"]
    call_command("bottlenecks", "--format=json", "--window=15m", "--threshold=300")
    printed = json.loads(capsys.readouterr().out)
    assert printed["rows"] == bottlenecks("15m", 300).as_json()["rows"]
    assert (printed["window"], printed["threshold"], printed["rows"][0]["over"]) == ("15m", 300.0, 0)


def test_the_command_says_that_nothing_was_measured(capsys):
    call_command("bottlenecks")
    assert capsys.readouterr().out.startswith("Nothing was measured in the window 1h")


@pytest.mark.parametrize("option", ["--window=1y", "--threshold=much", "--format=xml"])
def test_the_command_names_what_it_cannot_use(option):
    with pytest.raises(CommandError, match=option.removeprefix("--").partition("=")[0]):
        call_command("bottlenecks", option)
