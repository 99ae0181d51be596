"""Merges deltas into rollups and lifetime totals, and closes what dead processes left open; one process at a time.

Each round is one transaction under the leader's lock: a delta is merged and deleted together, so a round that dies
anywhere has changed nothing, and reads (merged figures plus the deltas left) are the same before and after it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from monitoring.models import Delta, Figures, Leader, Rollup, Total
from monitoring.router import TELEMETRY
from monitoring.store.histogram import Histogram, Row
from monitoring.store.interrupted import close_interrupted
from monitoring.store.living import DEAD_AFTER
from monitoring.store.tiers import MINUTE, RESOLUTIONS
from monitoring.store.times import moment

EVERY = 8  # seconds between two rounds, whichever processes make them: who dies after one is replaced within ten
MOST_DELTAS = 5_000  # in one round, so that nobody waits long for the lock
FIGURES = [field.name for field in Figures._meta.get_fields()]  # noqa: SLF001

Added = Mapping[tuple[int, int], Histogram]  # what deltas add, by bucket and series


def compact_if_due(now: float) -> bool:
    """Make a round when the last one is EVERY seconds ago and no other process is making one; whether it was made."""
    last = Leader.objects.values_list("compacted_at", flat=True).first()
    if last is None:
        Leader.objects.bulk_create([Leader(pk=1, compacted_at=moment(0))], ignore_conflicts=True)
    elif _recent(last, now):
        return False
    with transaction.atomic(using=TELEMETRY):
        # PostgreSQL passes over the row while another process holds it; SQLite lets in one transaction at a time.
        leader = Leader.objects.select_for_update(skip_locked=True).first()
        if leader is None or _recent(leader.compacted_at, now):
            return False
        calm = now - leader.compacted_at.timestamp() < DEAD_AFTER.total_seconds()
        if compact(now) < MOST_DELTAS:  # else more are left, for a round with the next write
            leader.compacted_at = moment(now)
            leader.save()
        if calm:  # else the database was away, or nobody lived: those that do have yet to say so
            close_interrupted(moment(now))
    return True


def _recent(last: datetime, now: float) -> bool:
    """Whether the last round was made just now; one far in the future was made before the clock was set back."""
    return abs(now - last.timestamp()) < EVERY


def compact(now: float) -> int:
    """Merge the deltas of minutes that are over; the number merged. Inside the leader's transaction."""
    over = int(now) // MINUTE * MINUTE
    deltas = Delta.objects.filter(bucket__lt=over).order_by("pk").values_list("pk", "bucket", "series_id", *FIGURES)
    merged: list[int] = []
    rows: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for pk, bucket, series, *figures in deltas[:MOST_DELTAS]:
        merged.append(pk)
        rows[bucket, series].append(tuple(figures))
    if merged:
        _add_everywhere({key: Histogram.unpacked(some) for key, some in rows.items()})
        Delta.objects.filter(pk__in=merged).delete()
    return len(merged)


def _add_everywhere(added: Added) -> None:
    """Add to the rollups of each resolution, each made from the one before, and to the totals."""
    for resolution in sorted(RESOLUTIONS):
        added = _in_buckets_of(resolution, added)
        _add_to_rollups(resolution, added)
    _add_to_totals(added)


def _in_buckets_of(resolution: int, added: Added) -> Added:
    """The same in buckets of `resolution` seconds, each of which holds whole ones of the resolution before."""
    coarser: defaultdict[tuple[int, int], Histogram] = defaultdict(Histogram)
    for (bucket, series), histogram in added.items():
        coarser[bucket // resolution * resolution, series].merge(histogram)
    return coarser


def _add_to_rollups(resolution: int, added: Added) -> None:
    buckets, series = map(set, zip(*added, strict=True))
    rollups = Rollup.objects.filter(resolution=resolution, bucket__in=buckets, series__in=series)
    stored = {(rollup.bucket, rollup.series_id): rollup for rollup in rollups}
    rows = (
        Rollup(resolution=resolution, bucket=key[0], series_id=key[1], **_sum(added[key], stored.get(key)))
        for key in sorted(added)
    )
    _upsert(Rollup, rows, ["resolution", "bucket", "series"])


def _add_to_totals(added: Added) -> None:
    ever: defaultdict[int, Histogram] = defaultdict(Histogram)
    for (_, series), histogram in added.items():
        ever[series].merge(histogram)
    stored = Total.objects.in_bulk(ever)
    rows = (Total(series_id=series, **_sum(ever[series], stored.get(series))) for series in sorted(ever))
    _upsert(Total, rows, ["series"])


def _sum(added: Histogram, stored: Figures | None) -> dict[str, float | bytes]:
    """The columns of what is stored with what comes to it."""
    return Figures.columns(Histogram.merged([added, stored.histogram()]) if stored else added)


def _upsert(model: type[Model], rows: Iterable[Model], unique: list[str]) -> None:
    """Rows come in the order of their keys, so that nobody who changes some of them too waits in a circle."""
    model._default_manager.bulk_create(  # noqa: SLF001
        rows, update_conflicts=True, unique_fields=unique, update_fields=FIGURES
    )
