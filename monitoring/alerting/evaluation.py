"""One look at every rule: its alerts come and go, and what was found is kept for the page."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from monitoring.alert_models import AlertWatch
from monitoring.alerting import states
from monitoring.alerting.kinds import Rule
from monitoring.alerting.look import Finding, Look
from monitoring.alerting.rules import rules
from monitoring.guard import quiet
from monitoring.process import identity

MOST_KEPT = 20  # findings of a rule, the worst of them
MINUTES = 60  # of the worst figure's course


def evaluate(now: datetime) -> None:
    """A rule that cannot be evaluated, since what it reads is away, leaves its alerts as they are."""
    kept = AlertWatch.objects.values_list("found", flat=True).get(pk=1)
    look = Look(now, states.open_alerts().values_list("rule", "subject"))
    found: dict[str, Any] = {}
    for name, rule in rules().items():
        found[name] = kept.get("rules", {}).get(name, {})
        with quiet(f"looking at the alert rule {name}"):
            found[name] = _looked_at(rule, look, found[name], now)
    states.close_orphans(rules(), now)
    by = {"role": identity.role, "pid": identity.pid, "host": identity.host}
    AlertWatch.objects.filter(pk=1).update(found={"by": by, "rules": found})


def _looked_at(rule: Rule, look: Look, before: dict[str, Any], now: datetime) -> dict[str, Any]:
    memory = before.get("memory", {})
    findings = sorted(rule.look(look, memory), key=_grave, reverse=True)
    states.settle(rule, findings, now)
    return {
        "at": now.timestamp(),
        "findings": [vars(finding) for finding in findings[:MOST_KEPT]],
        "memory": memory,
        "course": _course(before.get("course", []), findings, now),
    }


def _grave(finding: Finding) -> tuple[bool, float]:
    return finding.bad, finding.value - finding.threshold


def _course(before: list[list[float]], findings: Iterable[Finding], now: datetime) -> list[list[float]]:
    """The worst figure of each of the last minutes: minute (since the epoch) and value."""
    minute = int(now.timestamp()) // 60
    course = {int(at): value for at, value in before if minute - MINUTES < at <= minute}
    worst = max((finding.value for finding in findings), default=None)
    if worst is not None:
        course[minute] = max(worst, course.get(minute, worst))
    return [[at, value] for at, value in course.items()]
