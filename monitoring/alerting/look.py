"""What the rules look at, at one moment: each read is made once however many of them ask for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from monitoring.instruments import Reading, read_gauges
from monitoring.models import Writer
from monitoring.store import figures
from monitoring.store.living import living


@dataclass(frozen=True)
class Finding:
    """A rule's figure about a subject: `bad` when it is one to alert at. `detail` is what its sentence needs."""

    subject: str
    value: float
    threshold: float
    bad: bool
    detail: dict[str, Any] = field(default_factory=dict)


class Look:
    def __init__(self, now: datetime, open_subjects: Iterable[tuple[str, str]] = ()) -> None:
        """`open_subjects`: rule and subject of each alert that is not resolved."""
        self.now, self._open = now, frozenset(open_subjects)
        self._windows: dict[int, list[figures.SeriesFigures]] = {}

    def window(self, seconds: int) -> list[figures.SeriesFigures]:
        """Figures of all spans, by name, over the whole minutes that the last `seconds` touch."""
        if seconds not in self._windows:
            until = self.now.timestamp()
            self._windows[seconds] = figures.in_window(until - seconds, until, ("span",))
        return self._windows[seconds]

    @cached_property
    def gauges(self) -> list[Reading]:
        return read_gauges()

    @cached_property
    def living(self) -> list[Writer]:
        return living(self.now)

    def open_subjects(self, rule: str) -> Collection[str]:
        return {subject for name, subject in self._open if name == rule}
