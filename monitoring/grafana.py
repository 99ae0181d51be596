"""A Grafana dashboard of every declared instrument, so that a metric that is renamed is renamed there, too.

Written for Grafana 10 and later (schema version 39), whose datasource variable the person who imports it chooses.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from monitoring.instruments import Instrument

Json = dict[str, Any]

ACROSS, WIDE, HIGH, SMALL = 24, 8, 7, 4  # of Grafana's grid: three panels a row, or six figures
UNITS = {"ms": "ms", "s": "s", "": "short"}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def dashboard(instruments: Iterable[Instrument]) -> Json:
    """Those that stand first on the overview as single figures, then each instrument over time."""
    known = list(instruments)
    headlines = [figure for instrument in known for figure in _figures(instrument)]
    top = -(-len(headlines) * SMALL // ACROSS) * SMALL
    panels = [*_laid_out(headlines, SMALL, SMALL, 0), *_laid_out(map(_course, known), WIDE, HIGH, top)]
    return {
        "title": "AdminAra",
        "uid": "adminara",
        "tags": ["adminara"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_datasource(), _job()]},
        "panels": [{"id": number, **panel} for number, panel in enumerate(panels, 1)],
    }


def _datasource() -> Json:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}


def _job() -> Json:
    """Both ports tell the same figures: only one of them is shown."""
    return {
        "name": "job",
        "label": "Scrape job",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": "label_values(telemetry_store_up, job)", "refId": "jobs"},
        "refresh": 1,
        "sort": 1,
    }


def _figures(instrument: Instrument) -> Iterator[Json]:
    """A figure for each headline: that of a label's value is this part of a gauge."""
    for value, title in instrument.headline.items():
        label = next((label for label, values in instrument.labels.items() if value in values), "")
        chosen = f'{{job="$job", {label}="{value}"}}' if label else '{job="$job"}'
        yield _panel("stat", title, instrument, [_target(_figure(instrument, chosen), title)])


def _figure(instrument: Instrument, chosen: str) -> str:
    if instrument.kind == "histogram":
        return _quantile(0.95, instrument)
    told = f"{instrument.name}{chosen}"
    return _summed(f"increase({told}[$__range])" if instrument.kind == "counter" else told)


def _summed(value: str, *labels: str) -> str:
    """Over all labels but these. Each host that is scraped tells the figures of all: the sum would count them again."""
    by = f" by ({', '.join(labels)})" if labels else ""
    return f"sum{by} (max without (instance) ({value}))"


def _quantile(share: float, instrument: Instrument) -> str:
    buckets = f'{instrument.name}_bucket{{job="$job"}}'
    return f"histogram_quantile({share}, {_summed(f'rate({buckets}[$__rate_interval])', 'le')})"


def _course(instrument: Instrument) -> Json:
    return _panel("timeseries", instrument.description, instrument, list(_targets(instrument)))


def _targets(instrument: Instrument) -> Iterator[Json]:
    if instrument.kind == "histogram":
        for name, share in QUANTILES.items():
            yield _target(_quantile(share, instrument), name)
        return
    value = f'{instrument.name}{{job="$job"}}'
    if instrument.kind == "counter":
        value = f"60 * rate({value}[$__rate_interval])"
    legend = " ".join(f"{{{{{label}}}}}" for label in instrument.labels)
    yield _target(_summed(value, *instrument.labels), legend or instrument.name)


def _target(expression: str, legend: str) -> Json:
    return {"datasource": SOURCE, "expr": expression, "legendFormat": legend}


def _panel(kind: str, title: str, instrument: Instrument, targets: list[Json]) -> Json:
    return {
        "type": kind,
        "title": title,
        "description": f"{instrument.description}: {instrument.name}, {_told(instrument, kind)}.",
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": _unit(instrument, kind), "min": 0}, "overrides": []},
        "targets": [{"refId": chr(ord("A") + number), **target} for number, target in enumerate(targets)],
    }


def _told(instrument: Instrument, kind: str) -> str:
    if instrument.kind == "histogram":
        return "95th percentile" if kind == "stat" else "percentiles of what was measured in the interval"
    if instrument.kind == "counter":
        return "how many in the time shown" if kind == "stat" else "how many a minute"
    return "as of the scrape"


def _unit(instrument: Instrument, kind: str) -> str:
    if instrument.kind == "counter" and kind == "timeseries":
        return "cpm"
    return "percentunit" if instrument.name.endswith("_ratio") else UNITS[instrument.unit]


def _laid_out(panels: Iterable[Json], wide: int, high: int, top: int) -> Iterator[Json]:
    a_row = ACROSS // wide
    for number, panel in enumerate(panels):
        row, column = divmod(number, a_row)
        yield panel | {"gridPos": {"x": column * wide, "y": top + row * high, "w": wide, "h": high}}
