"""Merges deltas into rollups and lifetime totals, and closes what dead processes left open; one process at a time.

Each round is one transaction under the leader's lock: a delta is merged and deleted together, so a round that dies
anywhere has changed nothing, and reads (merged figures plus the deltas left) are the same before and after it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Model, Q

from monitoring.models import Delta, Figures, Leader, Rollup, Total
from monitoring.router import TELEMETRY
from monitoring.store.histogram import Histogram
from monitoring.store.interrupted import close_interrupted
from monitoring.store.tiers import MINUTE, RESOLUTIONS
from monitoring.store.times import moment

EVERY = 10  # seconds between two rounds, whichever processes make them
MOST_DELTAS = 5_000  # in one round, so that nobody waits long for the lock
FIGURES = [field.name for field in Figures._meta.get_fields()]  # noqa: SLF001


def compact_if_due(now: float) -> bool:
    """Make a round when the last one is EVERY seconds ago and no other process is making one; whether it was made."""
    due = Q(compacted_at__lte=moment(now) - timedelta(seconds=EVERY))
    if Leader.objects.exists() and not Leader.objects.filter(due).exists():
        return False
    with transaction.atomic(using=TELEMETRY):
        first = {"compacted_at": moment(now)}
        _, created = Leader.objects.select_for_update().get_or_create(pk=1, defaults=first)
        if not created and not Leader.objects.filter(due).update(compacted_at=moment(now)):
            return False
        compact(now)
        close_interrupted(moment(now))
    return True


def compact(now: float) -> int:
    """Merge the deltas of minutes that are over; the number merged. Inside the leader's transaction."""
    over = int(now) // MINUTE * MINUTE
    deltas = list(Delta.objects.filter(bucket__lt=over).order_by("pk")[:MOST_DELTAS])
    totals: dict[int, Histogram] = defaultdict(Histogram)
    for delta in deltas:
        totals[delta.series_id].merge(delta.histogram())
    for resolution in RESOLUTIONS:
        _merge_rollups(resolution, deltas)
    _merge_totals(totals)
    Delta.objects.filter(pk__in=[delta.pk for delta in deltas]).delete()
    return len(deltas)


def _merge_rollups(resolution: int, deltas: Iterable[Delta]) -> None:
    merged: dict[tuple[int, int], Histogram] = defaultdict(Histogram)
    for delta in deltas:
        merged[delta.bucket // resolution * resolution, delta.series_id].merge(delta.histogram())
    for rollup in Rollup.objects.filter(resolution=resolution, bucket__in={bucket for bucket, _ in merged}):
        if (rollup.bucket, rollup.series_id) in merged:
            merged[rollup.bucket, rollup.series_id].merge(rollup.histogram())
    _upsert(
        Rollup,
        (
            Rollup(resolution=resolution, bucket=bucket, series_id=series, **Figures.columns(histogram))
            for (bucket, series), histogram in merged.items()
        ),
        ["resolution", "bucket", "series"],
    )


def _merge_totals(totals: dict[int, Histogram]) -> None:
    for total in Total.objects.filter(pk__in=totals):
        totals[total.pk].merge(total.histogram())
    rows = (Total(series_id=series, **Figures.columns(histogram)) for series, histogram in totals.items())
    _upsert(Total, rows, ["series"])


def _upsert(model: type[Model], rows: Iterable[Model], unique: list[str]) -> None:
    model._default_manager.bulk_create(  # noqa: SLF001
        rows, update_conflicts=True, unique_fields=unique, update_fields=FIGURES
    )
