"""How fast an objective's error budget is used up: multi-window, multi-burn-rate, as in the SRE Workbook, chapter 5."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from monitoring.alerting.kinds import Rule
from monitoring.alerting.look import Finding, Look
from monitoring.store.figures import SeriesFigures


class Pair(NamedTuple):
    """Alert when the budget burns `factor` times too fast over the last `long_s` and over the last `short_s`."""

    long_s: int
    short_s: int
    factor: float


class Events(NamedTuple):
    total: int
    bad: int


@dataclass(frozen=True, kw_only=True)
class BurnRate(Rule):
    """At least the share `objective` of spans must be good: not failed, and not over `within_ms`.

    They are those whose name fits one of `series` (`*` stands for anything). The store does not say which of those that
    failed were slow, so one that did both counts as two bad ones: the rate errs on the side of the alarm, at most
    twofold. Fewer than `least_bad` bad ones in the long window are not worth an alert, or one failure in a quiet night
    would be.
    """

    kind = "burn_rate"

    series: Sequence[str]
    objective: float
    within_ms: float
    pairs: Sequence[tuple[int, int, float]]
    least_bad: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.objective < 1:
            raise ValueError(f"its objective is {self.objective:g}, and must lie between 0 and 1.")
        for pair in self._pairs():
            if not 60 <= pair.short_s < pair.long_s or pair.factor <= 0:
                raise ValueError("each of its pairs must be a long window, a shorter one, and a factor over 0.")
            if pair.factor * (1 - self.objective) >= 1:
                least = 1 - 1 / pair.factor
                raise ValueError(
                    f"with an objective of {self.objective:g} the budget cannot burn more than "
                    f"{1 / (1 - self.objective):.3g} times too fast, so it would never alert at {pair.factor:g} times: "
                    f"the objective must be more than {least:.4f}."
                )

    def _pairs(self) -> list[Pair]:
        return [Pair(*pair) for pair in self.pairs]

    def look(self, look: Look, _memory: dict[str, Any]) -> Iterable[Finding]:
        """One finding: of the pairs the one that is nearest to its factor."""
        yield max(
            (self._at(look, pair) for pair in self._pairs()), key=lambda one: (one.bad, one.value / one.threshold)
        )

    def _at(self, look: Look, pair: Pair) -> Finding:
        long, short = self.events(look.window(pair.long_s)), self.events(look.window(pair.short_s))
        burns = min(self.burn(long), self.burn(short))
        detail = {"long_s": pair.long_s, "short_s": pair.short_s, "bad": long.bad, "total": long.total}
        enough = long.bad >= self.least_bad
        return Finding("", burns, pair.factor, enough and burns > pair.factor, detail)

    def events(self, figures: Iterable[SeriesFigures]) -> Events:
        """Those that count, and how many of them were bad."""
        total = bad = 0
        for one in figures:
            if any(fnmatchcase(one.name, pattern) for pattern in self.series):
                total += one.histogram.count
                bad += min(one.histogram.count, one.histogram.errors + one.histogram.over(self.within_ms))
        return Events(total, bad)

    def burn(self, events: Events) -> float:
        """How many times too fast the budget was used up: 1 uses it up exactly in the period of the objective."""
        return events.bad / events.total / (1 - self.objective) if events.total else 0.0
