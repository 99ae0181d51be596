"""The plan of a day, drawn from a seeded generator: who comes when, how patient they are, how long calls take.

All times are simulated seconds, but for the set-up of a connection, which is in real milliseconds.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

DAY_S = 3 * 3600
LUNCH_S, LUNCH_SPREAD_S, LUNCH_SHARE = DAY_S / 2, 20 * 60, 0.4
PATIENCE_S, PATIENCE_SHAPE = 8 * 60, 2.0
TALK_S, TALK_SIGMA = 5 * 60, 0.6
SETUP_MS, SETUP_SIGMA = 120, 0.5
RELOADS, VANISHES, HANDED_BACK, BREAKS = 1 / 20, 1 / 30, 1 / 25, 1 / 15
NAMES = ("Ada", "Ayşe", "Björn", "Çağla", "Deniz", "Eve <eve@example.com>", "Fatma", "Grace", "Hao", "İbrahim", "José",
         "Kemal", "Linus & Co", "Maya", "Noor", "Seán O'Neill", "Şule", "Tim", "Ümit", "Zoë")  # fmt: skip
TOPICS = ("", "", "The printer is on fire", "Fatura sorusu", "I cannot log in", "Where is my order?", "İade",
          "Reset of a password", "The page stays empty", "A question about <b>prices</b>")  # fmt: skip
OUTCOMES = {"resolved": 78, "follow_up": 17, "other": 5}  # percent
NOTES = (
    "",
    "Solved while talking.",
    "Sent the manual.",
    "Müşteri tekrar arayacak.",
    "Asked for a refund; explained how.",
)


@dataclass(frozen=True)
class Visit:
    """A customer's intentions, counted from joining; None: never."""

    arrives_s: float
    name: str
    topic: str
    language: str
    patience_s: float
    setup_ms: float
    reloads_s: float | None
    vanishes_s: float | None


@dataclass(frozen=True)
class Call:
    talk_s: float
    outcome: str
    note: str
    hands_back: bool
    wrap_up_s: float
    break_s: float
    """0: none."""


def visits(count: int, rng: Random) -> list[Visit]:
    """Customers in the order of their arrival, spread over DAY_S with a peak in the middle."""
    return [_visit(arrives_s, rng) for arrives_s in sorted(_arrival(rng) for _ in range(count))]


def calls(rng: Random) -> Iterator[Call]:
    """What one member of staff does, call after call, without end."""
    while True:
        yield Call(
            talk_s=lognormal(rng, TALK_S / math.exp(TALK_SIGMA**2 / 2), TALK_SIGMA),
            outcome=rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0],
            note=rng.choice(NOTES),
            hands_back=rng.random() < HANDED_BACK,
            wrap_up_s=rng.uniform(5, 30),
            break_s=rng.uniform(5, 15) * 60 if rng.random() < BREAKS else 0,
        )


def lognormal(rng: Random, median: float, sigma: float) -> float:
    return rng.lognormvariate(math.log(median), sigma)


def _arrival(rng: Random) -> float:
    if rng.random() >= LUNCH_SHARE:
        return rng.uniform(0, DAY_S)
    return min(max(rng.gauss(LUNCH_S, LUNCH_SPREAD_S), 0), DAY_S)


def _visit(arrives_s: float, rng: Random) -> Visit:
    patience_s = rng.gammavariate(PATIENCE_SHAPE, PATIENCE_S / PATIENCE_SHAPE)
    early = rng.uniform(0.1, 0.6) * patience_s
    deed = rng.random()
    return Visit(
        arrives_s=arrives_s,
        name=rng.choice(NAMES),
        topic=rng.choice(TOPICS),
        language=rng.choice(("en", "en", "tr")),
        patience_s=patience_s,
        setup_ms=lognormal(rng, SETUP_MS, SETUP_SIGMA),
        reloads_s=early if deed < RELOADS else None,
        vanishes_s=early if RELOADS <= deed < RELOADS + VANISHES else None,
    )
