"""Reads the store's figures: merged histograms by series, over a window or since the beginning."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import transaction

from monitoring.instruments import Labels
from monitoring.models import Delta, Rollup, Series, Total
from monitoring.router import TELEMETRY
from monitoring.store.fold import MINUTE
from monitoring.store.histogram import Histogram
from monitoring.store.series import unpacked


@dataclass(frozen=True)
class SeriesFigures:
    kind: str
    name: str
    labels: Labels
    histogram: Histogram


def in_window(since: float, until: float, kinds: Iterable[str] = ("histogram", "span")) -> list[SeriesFigures]:
    """Figures of the whole minutes from the one of `since` to the one of `until`, both in seconds since the epoch."""
    first = int(since) // MINUTE * MINUTE
    window = {"bucket__gte": first, "bucket__lte": int(until)}
    # One transaction, so that a delta is read either as itself or as part of a rollup.
    with transaction.atomic(using=TELEMETRY):
        return _by_series(_rows(window), kinds)


def since_the_beginning(kinds: Iterable[str]) -> list[SeriesFigures]:
    """Lifetime figures: what the totals hold and what waits in deltas."""
    with transaction.atomic(using=TELEMETRY):
        return _by_series(chain(Total.objects.all(), Delta.objects.all()), kinds)


def by_minute(name: str, kind: str, since: float, until: float) -> dict[int, Histogram]:
    """One name's figures for each minute, whatever its labels; minutes without any are left out."""
    window = {"bucket__gte": int(since), "bucket__lte": int(until), "series__name": name, "series__kind": kind}
    minutes: dict[int, Histogram] = defaultdict(Histogram)
    with transaction.atomic(using=TELEMETRY):
        for row in _rows(window):
            minutes[row.bucket].merge(row.histogram())
    return minutes


def _rows(window: dict[str, Any]) -> Iterator[Rollup | Delta]:
    yield from Rollup.objects.filter(resolution=MINUTE, **window)
    yield from Delta.objects.filter(**window)


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
