"""What only OpenMetrics says: of each bucket of a histogram an exemplar, which leads to a trace."""

from bisect import bisect_left
from collections import defaultdict

from monitoring.instruments import Labels
from monitoring.models import Exemplar
from monitoring.store.histogram import PUBLISHED_BOUNDS
from monitoring.store.series import unpacked
from monitoring.store.tiers import TEN_MINUTES

MOST = 2_000  # rows looked at, the newest ones, so that a scrape stays quick however many processes record


def exemplars(now: float) -> dict[str, dict[Labels, dict[int, str]]]:
    """The newest exemplar of the last ten minutes of each published bucket, by name, labels and number of the bucket.

    Each is written in OpenMetrics: its trace and span (63 characters of the 128 allowed), milliseconds, epoch seconds.
    """
    rows = (
        Exemplar.objects.filter(series__kind="histogram", bucket__gte=int(now) - TEN_MINUTES)
        .order_by("-bucket")
        .values_list("series__name", "series__labels", "at", "duration_ms", "trace_id", "span_id")[:MOST]
    )
    newest: dict[tuple[str, str], dict[int, tuple[float, str]]] = defaultdict(dict)
    for name, labels, at, ms, trace_id, span_id in rows:
        buckets, bucket = newest[name, labels], bisect_left(PUBLISHED_BOUNDS, ms)
        if bucket not in buckets or at > buckets[bucket][0]:
            buckets[bucket] = at, f' # {{trace_id="{trace_id}",span_id="{span_id}"}} {ms} {at:.3f}'
    found: dict[str, dict[Labels, dict[int, str]]] = defaultdict(dict)
    for (name, labels), buckets in newest.items():
        found[name][tuple(unpacked(labels).items())] = {bucket: text for bucket, (_, text) in buckets.items()}
    return found
