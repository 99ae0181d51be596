"""A past made at once: the figures that a store would hold, had it recorded millions of measures.

What was measured is a pure function of series and minute (`durations`), so that any answer can be held to the truth.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction

from monitoring import Instrument
from monitoring.models import Delta, Figures, Rollup, Series, Total
from monitoring.router import TELEMETRY
from monitoring.store.histogram import Histogram
from monitoring.store.series import packed
from monitoring.store.tiers import DAY, MINUTE, RESOLUTIONS

LABELS = (("role", "worker"),)
OPEN = 2  # the last minutes, which wait in deltas
WRITER = "0" * 32


def lognormal(chance: random.Random, middle: float) -> float:
    return chance.lognormvariate(0, 0.6) * middle


def bimodal(chance: random.Random, middle: float) -> float:
    return max(0.001, chance.gauss(1, 0.15)) * middle * (1 if chance.random() < 0.8 else 25)


def long_tailed(chance: random.Random, middle: float) -> float:
    return chance.paretovariate(1.5) * middle


SHAPES = (lognormal, bimodal, long_tailed)


@dataclass
class History:
    """What `fill` made: `series` names measured every minute from `first` to `last` (epoch seconds, both included)."""

    measures: int
    series: int
    first: int
    last: int
    ids: list[int] = field(default_factory=list)

    @property
    def minutes(self) -> range:
        return range(self.first, self.last + 1, MINUTE)

    def name(self, series: int) -> str:
        return f"work_{series:02}_time"

    def instruments(self) -> list[Instrument]:
        """What to declare for /metrics to export all of it."""
        labels = {name: (value,) for name, value in LABELS}
        return [Instrument("histogram", self.name(one), "Work", "ms", labels) for one in range(self.series)]

    def durations(self, series: int, minute: int) -> list[float]:
        """What series number `series` measured in that minute, in milliseconds."""
        slots = self.series * len(self.minutes)
        slot = self.minutes.index(minute) * self.series + series
        number = (slot + 1) * self.measures // slots - slot * self.measures // slots
        chance, shape, middle = random.Random(slot), SHAPES[series % len(SHAPES)], 2.0 ** (series % 12)
        return [shape(chance, middle) for _ in range(number)]


def fill(
    measures: int = 10_000_000,
    days: int = 7,
    series: int = 60,
    now: float | None = None,
    progress: Callable[[int], object] = lambda _number: None,
) -> History:
    """Store `measures` spread evenly over the whole minutes from `days` before `now` to `now`.

    `progress` is called with each number of measures made, as tqdm's `update` wants it. Rows of earlier calls stay.
    """
    last = int(time.time() if now is None else now) // MINUTE * MINUTE
    history = History(measures, series, last - days * DAY, last)
    history.ids = [
        Series.objects.create(kind="histogram", name=history.name(one), labels=packed(LABELS)).pk
        for one in range(series)
    ]
    with transaction.atomic(using=TELEMETRY):
        totals = [Histogram() for _ in range(series)]
        rollups = _rollups(history, totals, progress)
        while some := list(islice(rollups, 5_000)):
            Rollup.objects.bulk_create(some)
        Total.objects.bulk_create(
            Total(series_id=pk, **Figures.columns(total)) for pk, total in zip(history.ids, totals, strict=True)
        )
        Delta.objects.bulk_create(_deltas(history, progress))
    return history


def _rollups(history: History, totals: list[Histogram], progress: Callable[[int], object]) -> Iterator[Rollup]:
    """Every rollup of the minutes that are closed, in the order in which a compaction would have finished them."""
    *coarse, _ = RESOLUTIONS
    sums = {resolution: [Histogram() for _ in totals] for resolution in coarse}
    for minute in history.minutes[:-OPEN]:
        figures = [_histogram(history.durations(one, minute)) for one in range(history.series)]
        progress(sum(histogram.count for histogram in figures))
        for wholes in (totals, *sums.values()):
            for whole, histogram in zip(wholes, figures, strict=True):
                whole.merge(histogram)
        yield from _rows(history, MINUTE, minute, figures)
        for resolution in coarse:
            end = minute + MINUTE
            if end % resolution == 0 or minute == history.minutes[-OPEN - 1]:
                yield from _rows(history, resolution, minute // resolution * resolution, sums[resolution])
                sums[resolution] = [Histogram() for _ in totals]


def _rows(history: History, resolution: int, bucket: int, figures: list[Histogram]) -> Iterator[Rollup]:
    for pk, histogram in zip(history.ids, figures, strict=True):
        if histogram.count:
            yield Rollup(resolution=resolution, bucket=bucket, series_id=pk, **Figures.columns(histogram))


def _deltas(history: History, progress: Callable[[int], object]) -> Iterator[Delta]:
    """One for each measure, as if no second had two of a series: the most that the compaction leaves to a reader."""
    for minute in history.minutes[-OPEN:]:
        for one, pk in enumerate(history.ids):
            durations = history.durations(one, minute)
            progress(len(durations))
            for seq, ms in enumerate(durations):
                yield Delta(bucket=minute, series_id=pk, writer=WRITER, seq=seq, **Figures.columns(_histogram([ms])))


def _histogram(durations: list[float]) -> Histogram:
    histogram = Histogram()
    for ms in durations:
        histogram.add(ms)
    return histogram
