"""A gauge that is over its limit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitoring.alerting.kinds.rule import Rule
from monitoring.alerting.look import Finding, Look
from monitoring.instruments import declared


@dataclass(frozen=True, kw_only=True)
class Above(Rule):
    """The gauge's readings with these `labels` (those not named may be any), added up, are over `limit`."""

    kind = "above"

    gauge: str
    limit: float
    labels: Mapping[str, str] = field(default_factory=dict)

    def look(self, look: Look, _memory: dict[str, Any]) -> Iterable[Finding]:
        """No finding while the gauge has no reading."""
        fitting = [
            one.value for one in look.gauges if one.name == self.gauge and self.labels.items() <= one.labels.items()
        ]
        if fitting:
            value, unit = sum(fitting), declared[self.gauge].unit
            yield Finding("", value, self.limit, value > self.limit, {"unit": unit})
