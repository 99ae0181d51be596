"""What is counted and measured, by name: the one list that the store, /metrics and the pages agree on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from monitoring.guard import quiet

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Instrument:
    """A declared series. `labels` maps each label to the values known beforehand, which are exported from the start.

    `headline` has the short titles under which it stands first on the overview: that of "" for all of it, that of a
    label's value for this part of a gauge. Without one it stands among all the other numbers.
    """

    kind: Literal["histogram", "counter", "gauge"]
    name: str
    description: str
    unit: str = ""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headline: Mapping[str, str] = field(default_factory=dict)

    def known(self) -> list[Labels]:
        """Every combination of the label values known beforehand."""
        return [tuple(zip(sorted(self.labels), values, strict=True)) for values in self._combinations()]

    def _combinations(self) -> Iterable[tuple[str, ...]]:
        return product(*(self.labels[name] for name in sorted(self.labels)))


@dataclass(frozen=True)
class Reading:
    """One gauge's value at the moment of asking."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


Reader = Callable[[], Iterable[Reading]]

declared: dict[str, Instrument] = {}
gauge_readers: list[Reader] = []
live_readers: list[Reader] = []


def declare(*instruments: Instrument) -> None:
    """Make instruments known; declaring another one under a name already taken is a mistake in the program."""
    for instrument in instruments:
        if declared.setdefault(instrument.name, instrument) != instrument:
            raise ValueError(f"Two instruments are called {instrument.name}.")


def register_gauges(reader: Reader, *, live: bool = False) -> None:
    """Have `reader` called at each scrape; one that is quick enough to be called every two seconds is `live`."""
    if reader not in gauge_readers:
        gauge_readers.append(reader)
    if live and reader not in live_readers:
        live_readers.append(reader)


def read_gauges(*, live: bool = False) -> list[Reading]:
    """What every reader says now, or the `live` ones alone; one that fails does not silence the others.

    A reading that nobody declared is a mistake in the program: LookupError.
    """
    readings: list[Reading] = []
    for reader in live_readers if live else gauge_readers:
        with quiet("reading gauges"):
            readings += reader()
    if unknown := {reading.name for reading in readings} - declared.keys():
        raise LookupError(f"Gauges that nobody declared: {', '.join(sorted(unknown))}.")
    return readings
