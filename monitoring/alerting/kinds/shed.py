"""Telemetry that had to be dropped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Sum

from monitoring.alerting.kinds.rule import Rule
from monitoring.alerting.look import Finding, Look
from monitoring.models import Writer

RECENTLY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class TelemetryShed(Rule):
    """More than `limit` records were shed within the last `within_s`, by processes living or dead."""

    kind = "telemetry_shed"

    within_s: int = 600
    limit: int = 0

    def look(self, look: Look, memory: dict[str, Any]) -> Iterable[Finding]:
        """Processes count what they shed since they began: what is new is the difference to what is remembered."""
        now = look.now.timestamp()
        recent = Writer.objects.filter(seen_at__gt=look.now - RECENTLY)
        total = recent.aggregate(total=Sum("shed"))["total"] or 0
        rises = [(at, by) for at, by in memory.get("rises", []) if now - self.within_s < at <= now]
        if total > memory.get("total", total):
            rises.append((now, total - memory["total"]))
        memory.update(total=total, rises=rises)
        shed = sum(by for _at, by in rises)
        yield Finding("", shed, self.limit, shed > self.limit, {"within_s": self.within_s})
