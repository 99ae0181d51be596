"""How long spans of a name usually take: what a span is compared with on its trace's page."""

import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from monitoring.models import Rollup
from monitoring.store.figures import FIGURES
from monitoring.store.histogram import Histogram, Row
from monitoring.store.tiers import DAY, HOUR

FEWEST = 20  # below that, the 95th percentile is nearly the greatest


@dataclass(frozen=True, slots=True)
class Usual:
    """The 95th percentile of a name's `count` spans, in milliseconds."""

    count: int
    p95_ms: float

    def times(self, duration_ms: float) -> float:
        """How many times the 95th percentile a duration is; 0.0 when it is within it, or that is not known well."""
        times = duration_ms / self.p95_ms if self.p95_ms and self.count >= FEWEST else 0.0
        return times if times > 1.02 else 0.0  # the percentile itself is known within 1.1 %


def usual(names: Collection[str]) -> dict[str, Usual]:
    """The last 24 hours of each name, by whole hours; names without any are left out. One query."""
    since = time.time() - DAY
    rollups = Rollup.objects.filter(
        resolution=HOUR, bucket__gte=since - HOUR, series__kind="span", series__name__in=names
    )
    rows: dict[str, list[Row]] = defaultdict(list)
    for name, *row in rollups.values_list("series__name", *FIGURES):
        rows[name].append(tuple(row))
    merged = {name: Histogram.unpacked(some) for name, some in rows.items()}
    return {name: Usual(histogram.count, histogram.quantile(0.95)) for name, histogram in merged.items()}
