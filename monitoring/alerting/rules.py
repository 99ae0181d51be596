"""The rules in force: settings.ALERT_RULES made into objects, each of a kind that says what it takes."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from monitoring.alerting.burn import BurnRate
from monitoring.alerting.kinds import Above, JobFailing, ProcessGone, Rule, TelemetryShed

KINDS: dict[str, type[Rule]] = {kind.kind: kind for kind in (BurnRate, Above, JobFailing, ProcessGone, TelemetryShed)}


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """By name. Raises ImproperlyConfigured, naming the rule and what is wrong with it."""
    found: dict[str, Rule] = {}
    for row in settings.ALERT_RULES:
        rule = _made(row)
        if found.setdefault(rule.name, rule) is not rule:
            raise ImproperlyConfigured(f"Two alert rules are called {rule.name}.")
    return found


def _made(row: dict[str, Any]) -> Rule:
    name, kind = row.get("name", ""), row.get("kind", "")
    if kind not in KINDS:
        raise ImproperlyConfigured(f"The alert rule {name!r} is of the kind {kind!r}: there are {', '.join(KINDS)}.")
    try:
        return KINDS[kind](**{key: value for key, value in row.items() if key != "kind"})
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"The alert rule {name!r} cannot be used: {error}") from error


def forget(*, setting: str, **_kwargs: Any) -> None:
    if setting == "ALERT_RULES":
        rules.cache_clear()


setting_changed.connect(forget)
