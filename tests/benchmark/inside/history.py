"""Reads of a long past: the table of all series over a window, and /metrics."""

import sys
import time
from math import ceil
from statistics import median

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from tqdm import tqdm

from monitoring import bottlenecks, declare
from monitoring.exposition import render
from monitoring.instruments import declared
from monitoring.store.tiers import MINUTE
from tests.history import History, fill

past: list[History] = []


def make(measures: int) -> int:
    with tqdm(total=measures, unit="measures", file=sys.stderr, leave=False) as bar:
        past.append(fill(measures, progress=bar.update))
    declare(*past[0].instruments())
    return past[0].measures


def table(window: str, rounds: int) -> dict[str, float]:
    """The time of the table over `window` in milliseconds, and how far its figures are from the truth."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        report = bottlenecks(window)
        times.append((time.perf_counter() - began) * 1e3)
    rows = {row.name: row for row in report.rows}
    history = past[0]
    minutes = [minute for minute in history.minutes if report.since <= minute <= report.until]
    wrong = sum(
        rows[history.name(one)].count != sum(number(history, one, minute) for minute in minutes)
        for one in range(history.series)
    )
    errors = [worst(history, rows[history.name(one)], one, minutes) for one in range(0, history.series, 10)]
    return {"ms": median(times), "worst": max(times), "series": len(rows), "wrong": wrong, "error": max(errors)}


def overview_page(rounds: int) -> dict[str, float]:
    """The time of the overview in milliseconds, from the request to the last byte, and its size in bytes.

    The names are measured, as those of a program are, and not declared.
    """
    for one in past[0].instruments():
        declared.pop(one.name, None)
    settings.ALLOWED_HOSTS = ["testserver"]
    client, times = Client(), []
    client.force_login(User.objects.create_superuser("ana"))
    for _ in range(rounds):
        began = time.perf_counter()
        answer = client.get("/admin/monitoring/panel/")
        times.append((time.perf_counter() - began) * 1e3)
        assert answer.status_code == 200, answer.content
    return {"ms": median(times), "worst": max(times), "bytes": len(answer.content)}


def number(history: History, series: int, minute: int) -> int:
    """How many measures the series has in that minute: what `durations` makes, without making them."""
    slots = history.series * len(history.minutes)
    slot = history.minutes.index(minute) * history.series + series
    return (slot + 1) * history.measures // slots - slot * history.measures // slots


def worst(history: History, row: object, series: int, minutes: list[int]) -> float:
    """The largest relative error of the row's percentiles."""
    true = sorted(ms for minute in minutes for ms in history.durations(series, minute))
    wanted = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    exact = {name: true[max(0, ceil(q * len(true)) - 1)] for name, q in wanted.items()}
    return max(abs(getattr(row, name) - value) / value for name, value in exact.items())


def scrape(rounds: int) -> dict[str, float]:
    """The time of /metrics in milliseconds, and what it says."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        body, _type = render()
        times.append((time.perf_counter() - began) * 1e3)
    text = body.decode()
    counts = [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith("work_") and "_count{" in line]
    return {"ms": median(times), "worst": max(times), "series": len(counts), "counted": sum(map(float, counts))}


def age() -> float:
    """Seconds since the past's last minute, which moves out of the windows as time goes by."""
    return time.time() - past[0].last - MINUTE
