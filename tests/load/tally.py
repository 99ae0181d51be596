"""What a round counts, and what it times while it is measured: neither while it warms up, nor while it ends."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """`joined`, `claimed` and `served` count everybody of the installation; the times are those of this round."""

    joined: int = 0
    claimed: int = 0
    served: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    here: int = 0
    """Sockets that are open now."""
    watched: int = 0
    """Bytes that open consoles were sent."""
    measuring: bool = False
    times_ms: dict[str, list[float]] = field(default_factory=dict)

    def took(self, what: str, seconds: float) -> None:
        if self.measuring:
            self.times_ms.setdefault(what, []).append(seconds * 1e3)

    def count(self, what: str) -> int:
        """How many of them were timed."""
        return len(self.times_ms.get(what, ()))

    def at(self, what: str, share: float = 0.95) -> float:
        """The time in milliseconds within which that share of them was done; 0 when there were none."""
        times = sorted(self.times_ms.get(what, ()))
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0

    def begin(self) -> None:
        self.times_ms.clear()
        self.measuring = True
