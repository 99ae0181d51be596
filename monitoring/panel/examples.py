"""The traces to look at for each name: its slowest, and the newest that failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import OuterRef, Subquery

from monitoring.models import Exemplar, Series, Span
from monitoring.store.figures import Name
from monitoring.store.tiers import MINUTE

MOST = 10  # of a name, in each list

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


def of_name(kind: str, name: str, since: int, until: int) -> tuple[list[Example], list[Example]]:
    """Up to MOST examples of one name from `since` to `until`: the slowest, and the newest that failed."""
    series = Series.objects.filter(kind=kind, name=name).values_list("pk", flat=True)
    offered = Exemplar.objects.filter(series__in=list(series), bucket__gte=since // MINUTE * MINUTE, bucket__lte=until)
    columns = ("trace_id", "span_id", "at", "duration_ms")
    slowest = offered.order_by("-duration_ms", "-pk").values_list(*columns)[: 2 * MOST]
    failed = offered.filter(ok=False).order_by("-bucket", "-at").values_list(*columns)[: 2 * MOST]
    return _kept(slowest), _kept(failed)


def _kept(rows: Iterable[tuple[str, str, float, float]]) -> list[Example]:
    """Those whose trace is still there; a measure that several processes or labels offer counts once."""
    found = list(dict.fromkeys(Example(*row) for row in rows))
    stored = _stored({example.trace_id for example in found})
    return [example for example in found if example.trace_id in stored][:MOST]


def _stored(traces: Iterable[str]) -> set[str]:
    """Those of the traces that have not been deleted yet."""
    return set(Span.objects.filter(trace_id__in=traces).values_list("trace_id", flat=True).distinct())
