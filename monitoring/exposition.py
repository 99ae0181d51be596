"""What /metrics says: the store's histograms and counters, the gauges, and prometheus_client's own series.

The store's series are read from the database, so they are exact over all processes and survive restarts; those of
django-prometheus come from prometheus_client, in multiprocess mode when PROMETHEUS_MULTIPROC_DIR is set.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from monitoring.guard import quiet
from monitoring.instruments import Instrument, Labels, Reading, declared, read_gauges
from monitoring.store import figures
from monitoring.store.histogram import PUBLISHED_BOUNDS, Histogram

LE = [*(f"{bound:.6g}" for bound in PUBLISHED_BOUNDS), "+Inf"]


class StoreCollector(Collector):
    """Exports every declared instrument, those without a value yet as zero."""

    def collect(self) -> Iterator[Metric]:
        stored: dict[str, dict[Labels, Histogram]] = defaultdict(dict)
        readings: dict[str, list[Reading]] = defaultdict(list)
        healthy = GaugeMetricFamily("telemetry_store_up", "Whether the telemetry database could be read", value=0)
        with quiet("reading the store for /metrics"):
            for series in figures.since_the_beginning(("histogram", "counter")):
                stored[series.name][series.labels] = series.histogram
            healthy = GaugeMetricFamily("telemetry_store_up", "Whether the telemetry database could be read", value=1)
        with quiet("reading gauges"):
            for reading in read_gauges():
                readings[reading.name].append(reading)
        yield healthy
        for instrument in declared.values():
            yield family(instrument, stored[instrument.name], readings[instrument.name])

    def describe(self) -> Iterable[Metric]:
        return ()


def family(instrument: Instrument, stored: dict[Labels, Histogram], readings: list[Reading]) -> Metric:
    names = sorted(instrument.labels)
    if instrument.kind == "gauge":
        gauge = GaugeMetricFamily(instrument.name, instrument.description, labels=names)
        for reading in readings:
            gauge.add_metric([reading.labels[name] for name in names], reading.value)
        return gauge
    series = dict.fromkeys(instrument.known(), Histogram()) | stored
    counter = CounterMetricFamily(instrument.name, instrument.description, labels=names)
    histogram = HistogramMetricFamily(instrument.name, instrument.description, labels=names)
    for labels, figure in sorted(series.items(), key=lambda item: item[0]):
        values = [dict(labels).get(name, "") for name in names]
        counter.add_metric(values, figure.count)
        histogram.add_metric(values, buckets(figure), figure.total)
    return counter if instrument.kind == "counter" else histogram


def buckets(histogram: Histogram) -> list[tuple[str, float]]:
    counts = [*histogram.cumulative(PUBLISHED_BOUNDS), histogram.count]
    return list(zip(LE, map(float, counts), strict=True))


def registry() -> CollectorRegistry:
    """What one scrape collects."""
    scrape = CollectorRegistry()
    if settings.PROMETHEUS_MULTIPROC_DIR:
        MultiProcessCollector(scrape, settings.PROMETHEUS_MULTIPROC_DIR)  # type: ignore[no-untyped-call]
    else:
        scrape.register(_InThisProcess())
    scrape.register(StoreCollector())
    return scrape


class _InThisProcess(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()

    def describe(self) -> Iterable[Metric]:
        return ()


def render(accept: str = "") -> tuple[bytes, str]:
    """What a scrape gets, in the format that its Accept header asks for, and that format's content type."""
    encode, content_type = choose_encoder(accept)
    return encode(registry()), content_type
