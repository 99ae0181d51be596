"""What the clients saw, and whether the server counted the same."""

import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

ROWS = ("served", "unanswered", "left", "vanished", "dropped", "reloaded", "handed_back", "no_answer", "reconnects",
        "unsure")  # fmt: skip


@dataclass
class Tally:
    """Numbers by name, durations in real seconds, and who waits now.

    `joined`, `refused`, `reloaded`; how visits ended: `served`, `unanswered` (staff ended it before it connected),
    `left`, `vanished`, `dropped` (the server gave them up); of the staff: `ended`, `no_answer`, `handed_back`;
    `requests`, `messages`, `reconnects`; `unsure`: joins whose answer was lost, which the server may have counted.
    """

    counts: Counter[str] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)
    talks_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    waiting: set[object] = field(default_factory=set)

    def add(self, name: str) -> None:
        self.counts[name] += 1

    @property
    def gone(self) -> int:
        return sum(self.counts[name] for name in ("unanswered", "left", "vanished", "dropped"))


@dataclass(frozen=True)
class Comparison:
    what: str
    clients: int
    server: int
    unsure: int = 0

    @property
    def agrees(self) -> bool:
        return 0 <= self.server - self.clients <= self.unsure


def compare(tally: Tally, before: dict[str, int], after: dict[str, int]) -> list[Comparison]:
    """The server's counts are of all days: what counts is by how much they grew."""
    grown = {name: after[name] - before[name] for name in after}
    joined, ended, unsure = tally.counts["joined"], tally.counts["ended"], tally.counts["unsure"]
    away = joined + still_open(before) - ended
    return [
        Comparison("joined", joined, grown["joined"], unsure),
        Comparison("ended by staff", ended, grown["ended"]),
        Comparison("left or gone", away, grown["abandoned"] + grown["expired"], unsure),
        Comparison("still open", 0, still_open(after)),
    ]


def still_open(counts: dict[str, int]) -> int:
    return counts["waiting"] + counts["connecting"] + counts["active"]


def table(tally: Tally, comparisons: list[Comparison], speed: float, took_s: float) -> Iterator[str]:
    yield f"{'':<28}{'clients':>9}{'server':>9}"
    for row in comparisons:
        yield f"{row.what:<28}{row.clients:>9}{row.server:>9}   {'agrees' if row.agrees else 'DISAGREES'}"
    yield ""
    for name in ROWS:
        yield f"{name.replace('_', ' '):<28}{tally.counts[name]:>9}"
    yield f"{'refused (429)':<28}{tally.counts['refused']:>9}"
    yield f"{'errors':<28}{len(tally.errors):>9}"
    for sentence, times in Counter(tally.errors).most_common(5):
        yield f"    {times} x {sentence}"
    yield ""
    yield duration("wait, mean", statistics.fmean(tally.waits_s or [0]), speed)
    yield duration("wait, 95 % within", percentile(tally.waits_s, 95), speed)
    yield duration("talk, mean", statistics.fmean(tally.talks_s or [0]), speed)
    yield f"{'HTTP requests':<28}{tally.counts['requests']:>9}"
    yield f"{'socket messages sent':<28}{tally.counts['messages']:>9}"
    yield duration("whole day", took_s, speed)


def duration(what: str, real_s: float, speed: float) -> str:
    return f"{what:<28}{real_s:>9.2f} s ({real_s * speed / 60:.1f} simulated minutes)"


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that `percent` % of all do not exceed; 0 of none."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)] if values else 0.0
