"""Processes that are not there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from monitoring.alerting.kinds.rule import Rule
from monitoring.alerting.look import Finding, Look


@dataclass(frozen=True, kw_only=True)
class ProcessGone(Rule):
    """Fewer than `least` processes with the role live, as their heartbeats tell."""

    kind = "process_gone"

    role: str
    least: int = 1

    def look(self, look: Look, _memory: dict[str, Any]) -> Iterable[Finding]:
        living = sum(process.role == self.role for process in look.living)
        yield Finding("", living, self.least, living < self.least, {"role": self.role})
