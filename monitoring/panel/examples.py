"""The traces to look at for each name: its slowest, and the newest that failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import OuterRef, Subquery

from monitoring.models import Exemplar, Series, Span

Name = tuple[str, str]  # a series' kind and name


WHEN, DURATION = attrgetter("at"), attrgetter("duration_ms")


@dataclass(frozen=True)
class Example:
    """A measure (or span) whose trace is stored; `at` in seconds since the epoch."""

    trace_id: str
    span_id: str
    at: float
    duration_ms: float


def examples(since: int, until: int) -> tuple[dict[Name, Example], dict[Name, Example]]:
    """For each name its slowest example from `since` to `until`, and the newest that failed."""
    of_series = Exemplar.objects.filter(series=OuterRef("pk"), bucket__gte=since, bucket__lte=until).values("pk")
    chosen = Series.objects.annotate(
        slowest=Subquery(of_series.order_by("-duration_ms")[:1]),
        failed=Subquery(of_series.filter(ok=False).order_by("-bucket")[:1]),
    ).values_list("kind", "name", "slowest", "failed")
    rows = list(chosen.exclude(slowest=None))
    found = Exemplar.objects.in_bulk({pk for _, _, *pks in rows for pk in pks if pk})
    stored = _stored({exemplar.trace_id for exemplar in found.values()})
    slowest: dict[Name, Example] = {}
    failed: dict[Name, Example] = {}
    for kind, name, slow, broken in rows:  # a name has a row for each set of its labels
        for best, exemplar, key in ((slowest, found.get(slow), DURATION), (failed, found.get(broken), WHEN)):
            if exemplar is not None and exemplar.trace_id in stored:
                example = Example(exemplar.trace_id, exemplar.span_id, exemplar.at, exemplar.duration_ms)
                best[kind, name] = max(best.get((kind, name), example), example, key=key)
    return slowest, failed


def _stored(traces: Iterable[str]) -> set[str]:
    """Those of the traces that have not been deleted yet."""
    return set(Span.objects.filter(trace_id__in=traces).values_list("trace_id", flat=True).distinct())
