"""The numbers of this moment, by the gauges: few enough, and quick enough, to be read every two seconds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from monitoring.instruments import Reading, declared, read_gauges
from monitoring.panel import job_queue


@dataclass(frozen=True)
class Number:
    """A gauge, or the part of one, that stands first: `label` is the part's, "" for all of it."""

    name: str
    label: str
    title: str
    unit: str
    value: float


@dataclass(frozen=True)
class Strip:
    """As of `at`; jobs that wait are counted up to MOST_COUNTED + 1."""

    at: datetime
    numbers: list[Number]
    jobs_waiting: int
    jobs_taken: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Gauge:
    """One gauge now: a value for each set of labels it was read with."""

    name: str
    description: str
    unit: str
    values: list[tuple[str, float]]

    @property
    def total(self) -> float:
        return sum(value for _, value in self.values)


def strip(now: datetime) -> Strip:
    jobs = job_queue.waiting(now)
    return Strip(now, list(_numbers(read_gauges(live=True))), jobs.due, jobs.later)


def gauges(readings: Iterable[Reading]) -> list[Gauge]:
    """All of them, in the order in which they were declared."""
    values = _by_name(readings)
    return [
        Gauge(name, one.description, one.unit, [(label.replace("_", " "), value) for label, value in values[name]])
        for name, one in declared.items()
        if name in values
    ]


def _numbers(readings: Iterable[Reading]) -> Iterable[Number]:
    """Of the desk before those of the panel, which is declared first."""
    values = _by_name(readings)
    for name, one in sorted(declared.items(), key=lambda item: item[0].startswith("telemetry_")):
        for label, title in one.headline.items():
            if one.kind == "gauge" and name in values:
                value = sum(number for part, number in values[name] if label in ("", part))
                yield Number(name, label, title, one.unit, value)


def _by_name(readings: Iterable[Reading]) -> dict[str, list[tuple[str, float]]]:
    values: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for reading in readings:
        values[reading.name].append((", ".join(reading.labels.values()), reading.value))
    return values
