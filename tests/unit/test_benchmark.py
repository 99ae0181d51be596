"""What `make bench` writes, and that it asks everything it should. What it measures, no test depends on."""

from types import SimpleNamespace

import pytest

from tests.benchmark import peers, report
from tests.benchmark.__main__ import attempt
from tests.benchmark.cases import CASES, call, request
from tests.benchmark.child import ROOT, Failed, child
from tests.benchmark.result import Row

MET = Row("a span", "3.0 us", "15.0 us", "0.20", "at most 0.3 times", met=True)
MISSED = Row("a request", "+350 us", "+3000 us", "0.12", "at most a tenth", met=False, note="writing|apart")
BESIDE = Row("a request elsewhere", "+210 us")


def test_the_table_has_a_line_for_each_row():
    assert report.table([MET, MISSED, BESIDE]).splitlines()[2:] == [
        "| a span | 3.0 us | 15.0 us | 0.20 | at most 0.3 times | met |  |",
        "| a request | +350 us | +3000 us | 0.12 | at most a tenth | **missed** | writing\\|apart |",
        "| a request elsewhere | +210 us |  |  |  |  |  |",
    ]


def test_what_is_missed_is_said_before_the_table():
    assert report.summary([MET, BESIDE]) == "All 1 bars are met."
    assert report.summary([MET, MISSED]) == (
        "1 bars are met, 1 missed:\n\n- a request: +350 us (0.12), where the bar is at most a tenth"
    )


def test_the_page_tells_the_machine_and_all_versions():
    page = report.page([MET], 125)
    assert "cores" in page
    assert "Python 3." in page
    for name in ("django-silk", "django-orbit", "django-observatory", "django-prometheus", "opentelemetry-sdk"):
        assert name in page
    assert "It took 2 minutes." in page


def test_a_case_that_fails_says_so_and_does_not_end_the_others():
    (row,) = attempt("broken", SimpleNamespace(run=lambda: 1 / 0))
    assert (row.measured, row.met) == ("failed: ZeroDivisionError", False)
    assert "- case `broken`: failed: ZeroDivisionError, where the bar is to run" in report.summary([row])


def test_a_process_that_is_asked_what_it_cannot_answer_tells_why():
    with child("timing", {}) as process:
        assert process.ask("resident_mb") > 1
        with pytest.raises(Failed, match="no attribute 'missing'"):
            process.ask("missing")
        assert process.ask("resident_mb") > 1  # it goes on


@pytest.mark.parametrize(
    ("added", "verdicts"),
    [
        ({"otel + prometheus": 300.0, "adminara": 300.0, "silk": 3000.0, "observatory": 300.0}, [True, True, True]),
        ({"otel + prometheus": 299.0, "adminara": 300.0, "silk": 2999.0, "observatory": 299.0}, [False, False, False]),
    ],
)
def test_a_request_is_held_to_its_three_bars(added, verdicts):
    times = {"bare": 0.0, "otel": 200.0, "prometheus": 100.0, "orbit": 2000.0} | added
    rows = request.rows(times, dict.fromkeys(times, 0.0), 500.0, "all seen")
    assert [row.met for row in rows if row.bar] == verdicts


def test_every_bar_has_a_case():
    """The bars of the issues."""
    issues = (
        ("measure", "span", "request", "ingest", "history", "memory", "job", "loss", "start"),
        *(("call", "idle"), ("watching",)),
    )
    assert {case for issue in issues for case in issue} <= CASES.keys()
    sources = "".join((ROOT / "tests" / "benchmark" / "cases" / f"{name}.py").read_text() for name in CASES)
    for bar in (
        *("at most 1.5 us", "at least 60 times cheaper"),
        *("at most 0.3 times, none lost", "under 0.3 us"),
        *("no more than OTel on the SDK and django-prometheus together", "at most a tenth of django-silk"),
        *("no more than django-observatory", '"SQLite": 200_000', '"PostgreSQL": 100_000'),
        *("under 50 ms, exact counts, error at most 1.1 %", "under 30 ms", "under 20 MB", "at most 1.10 times"),
        *("at most 1.15 times", "under 300 ms", "under 100 MB", "under 5 % of a core"),
        *("none silently", 'bar="none"', "under 60 ms", "at most 1 % of a core"),
        "under 5 % of a core, the same readings as for one",
    ):
        assert bar in sources, bar


def test_the_peers_are_pinned_and_told():
    assert all(len(line.split(" ")) == 2 for line in peers.versions())
    assert ".bench/" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_call_is_held_to_its_bars_at_the_slower_role_and_only_with_twenty_of_each():
    bare = {"customer": [100.0] * 20, "staff": [200.0] * 20}
    quick, slow = {"customer": [114.0] * 20, "staff": [229.0] * 20}, {"customer": [114.0] * 20, "staff": [231.0] * 20}
    assert [row.met for row in call.rows(quick, bare, [299.0] * 20)] == [True, True, True]
    assert [row.met for row in call.rows(slow, bare, [301.0] * 20)] == [True, False, False]
    assert [row.met for row in call.rows({"customer": [1.0] * 19}, bare, [1.0] * 20)] == [False, True]
