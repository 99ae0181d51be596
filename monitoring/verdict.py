"""Sentences about the installation's health that the overview says first, also those of the rest of the program."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitoring.guard import quiet


@dataclass(frozen=True)
class Offender:
    """One of those that a sentence is about: what it is called, in which way it offends, and the page about it."""

    name: str
    figure: str = ""
    link: str = ""


@dataclass(frozen=True)
class Verdict:
    """A sentence in the active language, how grave it is, who is to blame, the page about it, and what to do next.

    A "note" stands below the others and does not change whether all is well. `rule` stays the same while the figures
    in the sentence move.
    """

    level: Literal["bad", "warn", "good", "note"]
    text: str
    link: str = ""
    remedy: str = ""
    offenders: tuple[Offender, ...] = ()
    rule: str = ""


Rule = Callable[[datetime], Iterable[Verdict]]

rules: list[Rule] = []


def register_verdicts(rule: Rule) -> None:
    """Have `rule` asked, with the moment, each time the overview is drawn: what is wrong, or nothing."""
    if rule not in rules:
        rules.append(rule)


def others(now: datetime) -> list[Verdict]:
    """What every registered rule says; one that fails does not silence the others."""
    said: list[Verdict] = []
    for rule in rules:
        with quiet("reading verdicts"):
            said += rule(now)
    return said
