"""What /metrics says: the store's histograms and counters, the gauges, and prometheus_client's own series.

The store's series are read from the database, so they are exact over all processes and survive restarts; those of
django-prometheus come from prometheus_client, in multiprocess mode when PROMETHEUS_MULTIPROC_DIR is set.
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from monitoring import buckets, openmetrics
from monitoring.guard import quiet
from monitoring.instruments import Instrument, Labels, Reading, declared, read_gauges
from monitoring.store import figures
from monitoring.store.histogram import Histogram

Stored = dict[str, dict[Labels, Histogram]]

# How names that Prometheus' old rules forbid are to be written; all of ours keep to those rules.
ESCAPING = re.compile(r";\s*escaping=[^;,]*")


class StoreCollector(Collector):
    """Exports every declared counter and gauge; None for `stored` says that the store could not be read."""

    def __init__(self, stored: Stored | None) -> None:
        self._stored = stored

    def collect(self) -> Iterator[Metric]:
        readings: dict[str, list[Reading]] = defaultdict(list)
        with quiet("reading gauges"):
            for reading in read_gauges():
                readings[reading.name].append(reading)
        up = self._stored is not None
        yield GaugeMetricFamily("telemetry_store_up", "Whether the telemetry database could be read", value=up)
        for instrument in declared.values():
            if instrument.kind == "gauge":
                yield gauge(instrument, readings[instrument.name])
            elif instrument.kind == "counter":
                yield counter(instrument, known(instrument, self._stored))

    def describe(self) -> Iterable[Metric]:
        return ()


def gauge(instrument: Instrument, readings: Iterable[Reading]) -> Metric:
    names = sorted(instrument.labels)
    family = GaugeMetricFamily(instrument.name, instrument.description, labels=names)
    for reading in readings:
        family.add_metric([reading.labels[name] for name in names], reading.value)
    return family


def counter(instrument: Instrument, series: dict[Labels, Histogram]) -> Metric:
    names = sorted(instrument.labels)
    family = CounterMetricFamily(instrument.name, instrument.description, labels=names)
    for labels, figure in sorted(series.items(), key=lambda item: item[0]):
        family.add_metric([dict(labels).get(name, "") for name in names], figure.count)
    return family


def known(instrument: Instrument, stored: Stored | None) -> dict[Labels, Histogram]:
    """What is stored of an instrument, beside zeros for the label values known beforehand."""
    return dict.fromkeys(instrument.known(), Histogram()) | (stored or {}).get(instrument.name, {})


def read() -> Stored | None:
    with quiet("reading the store for /metrics"):
        stored: Stored = defaultdict(dict)
        for series in figures.since_the_beginning(("histogram", "counter")):
            stored[series.name][series.labels] = series.histogram
        return stored
    return None


def histograms(stored: Stored | None, *, linked: bool) -> str:
    """Every declared histogram, those without a value yet as zero; OpenMetrics wants them linked to traces."""
    exemplars: dict[str, dict[Labels, dict[int, str]]] = {}
    if linked:
        with quiet("reading exemplars for /metrics"):
            exemplars = openmetrics.exemplars(time.time())
    return "".join(
        buckets.family(one, known(one, stored), exemplars.get(one.name, {}), openmetrics=linked)
        for one in declared.values()
        if one.kind == "histogram"
    )


def registry(stored: Stored | None) -> CollectorRegistry:
    """What one scrape collects beside the histograms."""
    scrape = CollectorRegistry()
    if settings.PROMETHEUS_MULTIPROC_DIR:
        MultiProcessCollector(scrape, settings.PROMETHEUS_MULTIPROC_DIR)  # type: ignore[no-untyped-call]
    else:
        scrape.register(_InThisProcess())
    scrape.register(StoreCollector(stored))
    return scrape


class _InThisProcess(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()

    def describe(self) -> Iterable[Metric]:
        return ()


def render(accept: str = "") -> tuple[bytes, str]:
    """What a scrape gets, in the format that its Accept header asks for, and that format's content type."""
    encode, content_type = choose_encoder(ESCAPING.sub("", accept))
    stored = read()
    text = histograms(stored, linked=content_type.startswith("application/openmetrics-text"))
    return text.encode() + encode(registry(stored)), content_type
