"""Rules in sentences of the language that is active: when each alerts."""

from collections.abc import Callable
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from monitoring.alerting.burn import BurnRate
from monitoring.alerting.kinds import Above, JobFailing, ProcessGone, Rule, TelemetryShed
from monitoring.alerting.words import figure, span
from monitoring.instruments import declared
from monitoring.panel.formatting import duration, whole


def condition(rule: Rule) -> str:
    """When the rule alerts."""
    return CONDITIONS[rule.kind](rule)


def patience(rule: Rule) -> str:
    """For how long it must be bad, fine, and how often it is told."""
    times = {"hold": span(rule.hold_s), "keep": span(rule.keep_s), "cooldown": span(rule.cooldown_s)}
    if rule.hold_s:
        text = _("When it lasts for %(hold)s; over after %(keep)s without; told again every %(cooldown)s.")
    else:
        text = _("At once; over after %(keep)s without; told again every %(cooldown)s.")
    return text % times


def _burn(rule: BurnRate) -> str:
    share = _("%(number)s %%") % {"number": number_format(rule.objective * 100).rstrip("0").rstrip(".,")}
    objective = _("%(what)s: %(share)s must not fail and take %(within)s at most.") % {
        "what": _(rule.what) if rule.what else rule.name,
        "share": share,
        "within": duration(rule.within_ms),
    }
    pairs = [
        _("Alerts when the others come %(times)s as often as that allows, over %(long)s and over %(short)s.")
        % {"times": figure(rule.kind, factor, {}), "long": span(long_s), "short": span(short_s)}
        for long_s, short_s, factor in rule.pairs
    ]
    few = _("Fewer than %(least)s bad ones in the longer time alert nobody.") % {"least": whole(rule.least_bad)}
    return " ".join([objective, *pairs, few])


def _above(rule: Above) -> str:
    unit = declared[rule.gauge].unit if rule.gauge in declared else ""
    shown = {"what": _(rule.what) if rule.what else rule.gauge, "limit": figure(rule.kind, rule.limit, {"unit": unit})}
    return _("%(what)s is over %(limit)s.") % shown


def _failing(rule: JobFailing) -> str:
    return _("A job failed %(times)s times in a row.") % {"times": whole(rule.times)}


def _gone(rule: ProcessGone) -> str:
    return _("No process of the kind %(role)s is running.") % {"role": _(rule.role)}


def _shed(rule: TelemetryShed) -> str:
    return _("Telemetry records were shed in the last %(time)s.") % {"time": span(rule.within_s)}


CONDITIONS: dict[str, Callable[[Any], str]] = {
    BurnRate.kind: _burn,
    Above.kind: _above,
    JobFailing.kind: _failing,
    ProcessGone.kind: _gone,
    TelemetryShed.kind: _shed,
}
