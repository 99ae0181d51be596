"""Writes the store's histograms as Prometheus and OpenMetrics read them.

A series has over a hundred lines, for each of which prometheus_client's encoder takes many times as long.
"""

from collections.abc import Iterator, Mapping

from monitoring.instruments import Instrument, Labels
from monitoring.store.histogram import PUBLISHED_BOUNDS, Histogram

LE = [*(f"{bound:.6g}" for bound in PUBLISHED_BOUNDS), "+Inf"]
# OpenMetrics writes every number with a point, as its libraries do.
OPENMETRICS_LE = [le if {".", "I"} & set(le) else f"{le}.0" for le in LE]
ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})

Exemplars = Mapping[int, str]  # what follows a bucket's count, by the number of the bucket


def family(
    instrument: Instrument,
    series: Mapping[Labels, Histogram],
    exemplars: Mapping[Labels, Exemplars],
    *,
    openmetrics: bool,
) -> str:
    """A declared histogram's lines, exemplars included, which only OpenMetrics has."""
    le = OPENMETRICS_LE if openmetrics else LE
    help_text = instrument.description.replace("\\", r"\\").replace("\n", r"\n")
    lines = [f"# HELP {instrument.name} {help_text}", f"# TYPE {instrument.name} histogram"]
    for labels, histogram in sorted(series.items(), key=lambda item: item[0]):
        values = dict(labels)
        own = ",".join(f'{name}="{values.get(name, "").translate(ESCAPES)}"' for name in sorted(instrument.labels))
        lines += _series(instrument.name, own, histogram, le, exemplars.get(labels, {}))
    return "\n".join(lines) + "\n"


def _series(name: str, labels: str, histogram: Histogram, le: list[str], exemplars: Exemplars) -> Iterator[str]:
    start = f'{name}_bucket{{{labels}{"," if labels else ""}le="'
    for bucket, (bound, count) in enumerate(zip(le, counts(histogram), strict=True)):
        yield f'{start}{bound}"}} {count}{exemplars.get(bucket, "")}'
    braced = f"{{{labels}}}" if labels else ""
    yield f"{name}_count{braced} {histogram.count}"
    yield f"{name}_sum{braced} {histogram.total}"


def counts(histogram: Histogram) -> list[int]:
    """How many values are at most each published bound, and how many there are."""
    return [*histogram.cumulative(PUBLISHED_BOUNDS), histogram.count]
