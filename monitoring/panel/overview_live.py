"""What open overviews are told: the numbers of the moment at each tick, and all else as often as it is read anew."""

import time
from collections import Counter
from dataclasses import dataclass, field
from math import inf

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from monitoring.panel.overview import Overview, overview
from monitoring.panel.strip import strip
from monitoring.panel.verdicts import verdicts

EVERY = 2.0  # seconds between two readings of the moment
ANEW = 10.0  # seconds between two readings of the rest, which is counted by the minute

PARTS = ("verdicts", "tiles", "fix", "rest")  # by the name of their template, in the order of the page

Parts = dict[str, str]  # the HTML of each part

watched: Counter[str] = Counter()  # languages of those who watch the overview now


@dataclass
class Kept:
    """The last reading of the rest, when that was, and what was drawn of it in each language."""

    read_at: float = -inf
    overview: Overview | None = None
    drawn: dict[str, Parts] = field(default_factory=dict)


kept = Kept()


def reading() -> Overview:
    """The rest, as it was read in the last ten seconds: a page begins with what its socket goes on with."""
    if kept.overview is None or time.monotonic() - kept.read_at >= ANEW:
        kept.read_at, kept.overview, kept.drawn = time.monotonic(), overview(now()), {}
    return kept.overview


def forget() -> None:
    """Read anew when next asked."""
    kept.overview = None


def tick() -> dict[str, Parts]:
    """Every part of the page by language; watchers are sent those that differ from what they have."""
    languages = [language for language, watchers in list(watched.items()) if watchers]
    found, drawn, seen = reading(), kept.drawn, strip(now())
    for gone in drawn.keys() - languages:
        del drawn[gone]
    for language in languages:
        with translation.override(language):
            if language not in drawn:
                drawn[language] = _draw(found)
            drawn[language] |= {"strip": _html("strip", {"strip": seen})}
    return {language: dict(parts) for language, parts in drawn.items()}


def _draw(found: Overview) -> Parts:
    context = {"found": found, "verdicts": verdicts(found)}
    return {part: _html(part, context) for part in PARTS}


def _html(part: str, context: dict[str, object]) -> str:
    return render_to_string(f"monitoring/_overview_{part}.html", context)
