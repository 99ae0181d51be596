"""Makes ten minutes, hours and days anew from the minutes, where all of their minutes are still kept.

It repairs a coarser figure that is not the sum of its minutes. It does not touch minutes, nor totals, nor what is so
old that minutes of it are gone: where verifying says that a minute itself is wrong, nothing here can mend it.
"""

from collections.abc import Callable
from functools import partial

from django.db import transaction

from monitoring.models import Figures, Leader, Rollup
from monitoring.router import TELEMETRY
from monitoring.store.compaction import FIGURES
from monitoring.store.tiers import MINUTE, RESOLUTIONS
from monitoring.store.verifying import Difference, by_series, covered, differences

Repair = Callable[[], list[Difference]]


def repairs(now: float) -> list[Repair]:
    """One step a bucket at `now`; each call returns what it found wrong and has put right."""
    coarser = [resolution for resolution in sorted(RESOLUTIONS) if resolution != MINUTE]
    return [
        partial(_rebuild, resolution, bucket) for resolution in coarser for bucket in covered(MINUTE, resolution, now)
    ]


def _rebuild(resolution: int, bucket: int) -> list[Difference]:
    with transaction.atomic(using=TELEMETRY):
        Leader.objects.select_for_update().first()  # while it is held nobody compacts
        stored = Rollup.objects.filter(resolution=resolution, bucket=bucket)
        minutes = Rollup.objects.filter(resolution=MINUTE, bucket__gte=bucket, bucket__lt=bucket + resolution)
        expected = by_series(minutes)
        wrong = differences(resolution, bucket, by_series(stored), expected)
        if wrong:
            stored.exclude(series__in=expected).delete()
            Rollup.objects.bulk_create(
                (
                    Rollup(resolution=resolution, bucket=bucket, series_id=series, **Figures.columns(histogram))
                    for series, histogram in expected.items()
                ),
                update_conflicts=True,
                unique_fields=["resolution", "bucket", "series"],
                update_fields=FIGURES,
            )
    return wrong
