"""Proves the figures: minutes against the rows still kept, coarser ones against finer ones, totals against days.

Each check is one short transaction that sees one state of the database; a running installation goes on meanwhile.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Min

from monitoring.models import Delta, Measure, Rollup, Series, Total, Writer
from monitoring.router import TELEMETRY
from monitoring.store.histogram import Histogram
from monitoring.store.tiers import DAY, HOUR, MINUTE, RESOLUTIONS, kept
from monitoring.store.times import moment

LATE = 15 * MINUTE  # a row is written at most so long after it was measured, or its minute is not held against the rows
LIFETIME = 0  # the resolution of totals


@dataclass(frozen=True)
class Difference:
    """A series' figures that are not what they ought to be; `shed` where only rows were dropped: all is well."""

    series: str
    resolution: int
    bucket: int
    stored: Histogram
    expected: Histogram
    shed: bool = False

    def __str__(self) -> str:
        if self.shed:
            what = f"{self.stored.count - self.expected.count} rows shed"
        else:
            what = f"stored {_figures(self.stored)}, expected {_figures(self.expected)}"
        return f"{self.series}, {self._bucket()}: {what}"

    def _bucket(self) -> str:
        if self.resolution == LIFETIME:
            return "lifetime total"
        return f"{self.resolution} s from {moment(self.bucket):%Y-%m-%d %H:%M:%S} UTC"


Check = Callable[[], list[Difference]]
BySeries = dict[int, Histogram]


def checks(now: float) -> list[Check]:
    """Everything there is to check at `now`; each call returns what differs, from finer to coarser figures."""
    finer_first = sorted(RESOLUTIONS)
    steps: list[Check] = [partial(_minute, bucket) for bucket in _minutes_with_rows(now)]
    for finer, resolution in pairwise(finer_first):
        steps += [partial(_tier, finer, resolution, bucket) for bucket in covered(finer, resolution, now)]
    first_day = _first_bucket(DAY)
    if first_day is not None and first_day > now - kept()[DAY]:
        steps.append(_totals)
    return steps


def covered(finer: int, resolution: int, now: float) -> range:
    """The buckets of a resolution whose every finer bucket is kept, and stays so for an hour of checking."""
    first = _first_bucket(finer)
    if first is None:
        return range(0)
    begin = first // resolution * resolution
    coarser = {tier: _first_bucket(tier) for tier in RESOLUTIONS if tier > finer}
    if any(at is not None and at < first // tier * tier for tier, at in coarser.items()):
        begin = _next(first, resolution)  # there were finer ones before the first of now, which were deleted
    still_kept = _next(int(now - kept()[finer] + HOUR), resolution)
    return range(max(begin, still_kept), int(now) + 1, resolution)


def _next(at: int, resolution: int) -> int:
    """The first bucket that begins at `at` or later."""
    return -(-at // resolution) * resolution


def differences(resolution: int, bucket: int, stored: BySeries, expected: BySeries) -> list[Difference]:
    """What is not the same in both; a series that one lacks has no measures there."""
    keys = sorted(key for key in stored | expected if not _same(stored.get(key), expected.get(key)))
    names = Series.objects.in_bulk(keys) if keys else {}
    return [
        Difference(_name(names[key]), resolution, bucket, stored.get(key, Histogram()), expected.get(key, Histogram()))
        for key in keys
    ]


def by_series(rows: Iterable[Rollup | Delta | Total]) -> BySeries:
    merged: BySeries = defaultdict(Histogram)
    for row in rows:
        merged[row.series_id].merge(row.histogram())
    return merged


@contextmanager
def one_state() -> Iterator[None]:
    """A transaction whose reads agree with one another: PostgreSQL has to be asked for that, before the first one.

    SQLite keeps writers out meanwhile, so the database is then left alone for as long as that took.
    """
    connection, began = connections[TELEMETRY], time.monotonic()
    ours = not connection.in_atomic_block
    with transaction.atomic(using=TELEMETRY):
        if ours and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
    time.sleep(time.monotonic() - began)


def _minutes_with_rows(now: float) -> range:
    """The minutes that are over and whose rows, where any were kept, are all there."""
    first = Measure.objects.order_by("pk").first()
    if first is None:
        return range(0)
    begun = first.at - LATE if first.pk == 1 else first.at + LATE  # the first row of all, or of what is left
    since = max(begun, now - settings.TELEMETRY_KEEP_MEASURES, now - kept()[MINUTE] + HOUR)
    return range(_next(int(since), MINUTE), int(now) // MINUTE * MINUTE, MINUTE)


def _minute(bucket: int) -> list[Difference]:
    with one_state():
        series = list(Series.objects.filter(kind="histogram").values_list("pk", flat=True))
        rows = Measure.objects.filter(series_id__in=series, at__gte=bucket, at__lt=bucket + MINUTE)
        measures = list(rows.values_list("series_id", "duration_ms", "ok"))
        rollups = list(Rollup.objects.filter(resolution=MINUTE, bucket=bucket, series_id__in=series))
        deltas = list(Delta.objects.filter(bucket=bucket, series_id__in=series))
    expected: BySeries = defaultdict(Histogram)
    for key, duration_ms, ok in measures:
        expected[key].add(duration_ms, ok=ok)
    found = differences(MINUTE, bucket, by_series([*rollups, *deltas]), expected)
    return [_explained(difference) for difference in found]


def _explained(difference: Difference) -> Difference:
    """Rows may be fewer than were counted where a process that lived in that minute had to shed as many."""
    missing = difference.stored.count - difference.expected.count
    at = difference.bucket
    lived = Writer.objects.filter(started_at__lt=moment(at + MINUTE), seen_at__gte=moment(at), shed__gt=0)
    shed = 0 < missing <= sum(lived.values_list("shed", flat=True))
    return replace(difference, shed=shed)


def _tier(finer: int, resolution: int, bucket: int) -> list[Difference]:
    with one_state():
        stored = list(Rollup.objects.filter(resolution=resolution, bucket=bucket))
        parts = list(Rollup.objects.filter(resolution=finer, bucket__gte=bucket, bucket__lt=bucket + resolution))
    return differences(resolution, bucket, by_series(stored), by_series(parts))


def _totals() -> list[Difference]:
    with one_state():
        totals, days = list(Total.objects.all()), list(Rollup.objects.filter(resolution=DAY))
    return differences(LIFETIME, 0, by_series(totals), by_series(days))


def _first_bucket(resolution: int) -> int | None:
    rows = Rollup.objects.filter(resolution=resolution)
    first: int | None = rows.aggregate(first=Min("bucket"))["first"]
    return first


def _same(one: Histogram | None, other: Histogram | None) -> bool:
    """Sums of floating-point numbers depend on their order; everything else is exact."""
    one, other = one or Histogram(), other or Histogram()
    exact = (one.count, one.errors, one.cells, one.least, one.most)
    return exact == (other.count, other.errors, other.cells, other.least, other.most) and math.isclose(
        one.total, other.total, rel_tol=1e-9, abs_tol=1e-6
    )


def _figures(histogram: Histogram) -> str:
    if not histogram.count:
        return "nothing"
    told = f"{histogram.count} ({histogram.errors} failed)"
    return told + (
        f" of {histogram.total:.6g} ms, {histogram.least:.6g} to {histogram.most:.6g} ms" if histogram.cells else ""
    )


def _name(series: Series) -> str:
    return f"{series.kind} {series.name}" + (f" {series.labels}" if series.labels != "[]" else "")
