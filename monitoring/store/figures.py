"""Reads the store's figures: merged histograms by series, over a window or since the beginning.

Each read is one statement, which sees one state of the database: a delta counts either as itself or as part of a
rollup, also while the compaction runs, and nobody is kept from writing.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import fsum
from typing import Self

from django.db.models import QuerySet

from monitoring.instruments import Labels
from monitoring.models import Delta, Rollup, Series, Total
from monitoring.store.histogram import Histogram, Row
from monitoring.store.series import packed, unpacked
from monitoring.store.tiers import DAY, MINUTE, RESOLUTIONS, Tile, tiles

Name = tuple[str, str]  # a series' kind and name
Stored = QuerySet[Rollup] | QuerySet[Delta] | QuerySet[Total]
FIGURES = ("count", "errors", "total_ms", "least_ms", "most_ms", "cells")


@dataclass(frozen=True)
class SeriesFigures:
    kind: str
    name: str
    labels: Labels
    histogram: Histogram


@dataclass(frozen=True)
class Course:
    """One name's figures over a window: of all of it, of each step by its first second, and of each set of labels."""

    whole: Histogram
    steps: dict[int, Histogram]
    labels: dict[Labels, Histogram]

    @classmethod
    def empty(cls) -> Self:
        return cls(Histogram(), {}, {})


def in_window(since: float, until: float, kinds: Iterable[str] = ("histogram", "span")) -> list[SeriesFigures]:
    """Figures of the whole minutes from the one of `since` to the one of `until`, both in seconds since the epoch."""
    first, end = _whole_minutes(since, until)
    return _by_series(kinds, *_parts(tiles(first, _merged_until(end)), first, end))


def times_in_window(since: float, until: float, kind: str) -> float:
    """All the time that was measured of a kind in a window, as `in_window` reads it, in milliseconds."""
    first, end = _whole_minutes(since, until)
    of_kind = [part.filter(series__kind=kind) for part in _parts(tiles(first, _merged_until(end)), first, end)]
    times, *others = (part.values_list("pk", "total_ms") for part in of_kind)
    return fsum(total for _pk, total in times.union(*others, all=True))


def of_name(kind: str, name: str, since: float, until: float, step: int, labels: Labels | None = None) -> Course | None:
    """The figures of one name over a window as `in_window` reads it, in steps of so many seconds.

    Whatever its labels are, unless `labels` says which. A step is a whole number of one resolution's buckets, and
    begins at a multiple of its length; of the first and the last one the window may hold but a part. None when the
    name was never measured.
    """
    named = Series.objects.filter(kind=kind, name=name)
    named = named if labels is None else named.filter(labels=packed(labels))
    series = dict(named.values_list("pk", "labels"))
    if not series:
        return None
    first, end = _whole_minutes(since, until)
    resolutions = tuple(resolution for resolution in RESOLUTIONS if step % resolution == 0)
    own = (part.filter(series__in=series) for part in _parts(tiles(first, end, resolutions), first, end))
    by_step: dict[int, list[Row]] = defaultdict(list)
    by_series: dict[int, list[Row]] = defaultdict(list)
    for (pk, bucket), rows in _rows(("series_id", "bucket"), *own).items():
        by_step[bucket // step * step] += rows
        by_series[pk] += rows
    by_labels = {
        tuple(unpacked(series[pk]).items()): Histogram.unpacked(rows) for pk, rows in sorted(by_series.items())
    }
    return Course(
        Histogram.merged(by_labels.values()),
        {begin: Histogram.unpacked(rows) for begin, rows in sorted(by_step.items())},
        by_labels,
    )


def since_the_beginning(kinds: Iterable[str]) -> list[SeriesFigures]:
    """Lifetime figures: what the totals hold and what waits in deltas."""
    wanted = {"series__kind__in": tuple(kinds)}
    return _by_series(wanted["series__kind__in"], Total.objects.filter(**wanted), Delta.objects.filter(**wanted))


def by_minute(wanted: Collection[Name], since: float, until: float) -> dict[Name, dict[int, Histogram]]:
    """Figures for each minute of the series of each kind and name, whatever their labels.

    Minutes without any are left out.
    """
    series = Series.objects.filter(name__in={name for _kind, name in wanted}).values_list("pk", "kind", "name")
    names = {pk: (kind, name) for pk, kind, name in series if (kind, name) in wanted}
    window = {"bucket__gte": int(since), "bucket__lte": int(until), "series__in": names}
    merged, deltas = Rollup.objects.filter(resolution=MINUTE, **window), Delta.objects.filter(**window)
    rows: dict[tuple[Name, int], list[Row]] = defaultdict(list)
    for (pk, bucket), some in _rows(("series_id", "bucket"), merged, deltas).items():
        rows[names[pk], bucket] += some
    minutes: dict[Name, dict[int, Histogram]] = {name: {} for name in wanted}
    for (name, bucket), some in rows.items():
        minutes[name][bucket] = Histogram.unpacked(some)
    return minutes


def _whole_minutes(since: float, until: float) -> tuple[int, int]:
    """From the beginning of the minute of `since` to the end of that of `until`."""
    return int(since) // MINUTE * MINUTE, int(until) // MINUTE * MINUTE + MINUTE


def _parts(tiled: Iterable[Tile], first: int, end: int) -> list[QuerySet[Rollup] | QuerySet[Delta]]:
    """The rollups of the tiles, and the deltas from `first` and before `end` that none of them holds yet."""
    return [
        *(Rollup.objects.filter(resolution=t.resolution, bucket__gte=t.first, bucket__lt=t.end) for t in tiled),
        Delta.objects.filter(bucket__gte=first, bucket__lt=end),
    ]


def _merged_until(end: int) -> int:
    """Where the rollups for a window to `end` may end: with the day, when nothing is merged yet of what comes after.

    The hour and the day that still run then hold no more than was asked for, and stand for many smaller rollups. Of a
    minute that has not begun nothing is merged before the window is read, unless a clock was ahead.
    """
    later = Rollup.objects.filter(resolution=MINUTE, bucket__gte=end)
    return end if end < time.time() or later.exists() else -(-end // DAY) * DAY


def _by_series(kinds: Iterable[str], *parts: Stored) -> list[SeriesFigures]:
    found = _rows(("series_id",), *parts)
    series = {row.pk: row for row in Series.objects.filter(kind__in=kinds)}  # after them: each has its row by now
    return [
        SeriesFigures(
            series[pk].kind, series[pk].name, tuple(unpacked(series[pk].labels).items()), Histogram.unpacked(rows)
        )
        for (pk,), rows in found.items()
        if pk in series
    ]


def _rows(by: tuple[str, ...], *parts: Stored) -> dict[tuple[int, ...], list[Row]]:
    """What all the parts hold, by the values of the columns `by`."""
    first, *others = (part.values_list(*by, *FIGURES) for part in parts)
    rows: dict[tuple[int, ...], list[Row]] = defaultdict(list)
    for row in first.union(*others, all=True):
        rows[row[: len(by)]].append(row[len(by) :])
    return rows
