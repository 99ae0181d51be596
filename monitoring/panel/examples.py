"""The traces to look at for each name: its slowest of late, and the newest that failed."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.models import Exemplar, Series, Span

LOOKED_AT = 3_000  # of the newest exemplars in the window: some 5 ms of reading

Name = tuple[str, str]  # a series' kind and name


@dataclass(frozen=True)
class Example:
    """A measure (or span) whose trace is stored; `at` in seconds since the epoch."""

    trace_id: str
    span_id: str
    at: float
    duration_ms: float


def examples(since: int, until: int) -> tuple[dict[Name, Example], dict[Name, Example]]:
    """For each name the slowest example and the newest that failed, of the newest LOOKED_AT from `since` to `until`."""
    columns = ("series_id", "ok", "duration_ms", "at", "trace_id", "span_id")
    within = Exemplar.objects.filter(bucket__gte=since, bucket__lte=until).order_by("-bucket")
    rows = list(within.values_list(*columns)[:LOOKED_AT])
    names = {pk: (kind, name) for pk, kind, name in Series.objects.values_list("pk", "kind", "name")}
    slowest: dict[Name, Example] = {}
    failed: dict[Name, Example] = {}
    for series, ok, ms, at, trace_id, span_id in rows:
        name = names[series]
        if name not in slowest or ms > slowest[name].duration_ms:
            slowest[name] = Example(trace_id, span_id, at, ms)
        if not ok and (name not in failed or at > failed[name].at):
            failed[name] = Example(trace_id, span_id, at, ms)
    stored = _stored({example.trace_id for found in (slowest, failed) for example in found.values()})
    return _only(slowest, stored), _only(failed, stored)


def _stored(traces: Iterable[str]) -> set[str]:
    """Those of the traces that have not been deleted yet."""
    return set(Span.objects.filter(trace_id__in=traces).values_list("trace_id", flat=True).distinct())


def _only(found: dict[Name, Example], stored: set[str]) -> dict[Name, Example]:
    return {name: example for name, example in found.items() if example.trace_id in stored}
