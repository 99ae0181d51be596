"""Reads the store's figures: merged histograms by series, over a window or since the beginning."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.db import transaction

from monitoring.instruments import Labels
from monitoring.models import Delta, Rollup, Series, Total
from monitoring.router import TELEMETRY
from monitoring.store.histogram import Histogram
from monitoring.store.series import unpacked
from monitoring.store.tiers import MINUTE, tiles


@dataclass(frozen=True)
class SeriesFigures:
    kind: str
    name: str
    labels: Labels
    histogram: Histogram


def in_window(since: float, until: float, kinds: Iterable[str] = ("histogram", "span")) -> list[SeriesFigures]:
    """Figures of the whole minutes from the one of `since` to the one of `until`, both in seconds since the epoch."""
    first, end = int(since) // MINUTE * MINUTE, int(until) // MINUTE * MINUTE + MINUTE
    # One transaction, so that a delta is read either as itself or as part of a rollup.
    with transaction.atomic(using=TELEMETRY):
        return _by_series(_rows(first, end), kinds)


def since_the_beginning(kinds: Iterable[str]) -> list[SeriesFigures]:
    """Lifetime figures: what the totals hold and what waits in deltas."""
    with transaction.atomic(using=TELEMETRY):
        return _by_series(chain(Total.objects.all(), Delta.objects.all()), kinds)


def by_minute(name: str, kind: str, since: float, until: float) -> dict[int, Histogram]:
    """One name's figures for each minute, whatever its labels; minutes without any are left out."""
    window = {"bucket__gte": int(since), "bucket__lte": int(until), "series__name": name, "series__kind": kind}
    minutes: dict[int, Histogram] = defaultdict(Histogram)
    with transaction.atomic(using=TELEMETRY):
        rows: list[Rollup | Delta] = [*Rollup.objects.filter(resolution=MINUTE, **window)]
        for row in [*rows, *Delta.objects.filter(**window)]:
            minutes[row.bucket].merge(row.histogram())
    return minutes


def _rows(first: int, end: int) -> Iterator[Rollup | Delta]:
    for tile in tiles(first, end):
        yield from Rollup.objects.filter(
            resolution=tile.resolution, bucket__gte=tile.first, bucket__lt=tile.end
        ).iterator()
    yield from Delta.objects.filter(bucket__gte=first, bucket__lt=end)


def _by_series(rows: Iterable[Rollup | Delta | Total], kinds: Iterable[str]) -> list[SeriesFigures]:
    series = {row.pk: row for row in Series.objects.filter(kind__in=kinds)}
    merged: dict[int, Histogram] = defaultdict(Histogram)
    for row in rows:
        if row.series_id in series:
            merged[row.series_id].merge(row.histogram())
    return [
        SeriesFigures(series[pk].kind, series[pk].name, tuple(unpacked(series[pk].labels).items()), histogram)
        for pk, histogram in merged.items()
    ]
