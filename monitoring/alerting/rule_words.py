"""Rules in sentences of the language that is active: when each alerts."""

from collections.abc import Callable
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from monitoring.alerting.kinds.above import Above
from monitoring.alerting.kinds.burn import BurnRate
from monitoring.alerting.kinds.failing import JobFailing
from monitoring.alerting.kinds.gone import ProcessGone
from monitoring.alerting.kinds.rule import Rule
from monitoring.alerting.kinds.shed import TelemetryShed
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
    shown = {"what": _(rule.what) if rule.what else rule.name, "share": share}
    if rule.within_ms is None:
        text = _("%(what)s: %(share)s do not fail. Alert when the budget for the others burns")
    else:
        shown["within"] = duration(rule.within_ms)
        text = _(
            "%(what)s: %(share)s do not fail and take %(within)s at most. Alert when the budget for the others burns"
        )
    pairs = [
        _("%(times)s too fast over %(long)s and %(short)s")
        % {"times": figure(rule.kind, factor, {}), "long": span(long_s), "short": span(short_s)}
        for long_s, short_s, factor in rule.pairs
    ]
    return f"{text % shown} {_(', or ').join(pairs)}."


def _above(rule: Above) -> str:
    unit = declared[rule.gauge].unit if rule.gauge in declared else ""
    shown = {"what": _(rule.what) if rule.what else rule.gauge, "limit": figure(rule.kind, rule.limit, {"unit": unit})}
    return _("%(what)s is over %(limit)s.") % shown


def _failing(rule: JobFailing) -> str:
    return _("A job failed %(times)s times in a row.") % {"times": whole(rule.times)}


def _gone(rule: ProcessGone) -> str:
    shown = {"role": _(rule.role), "least": whole(rule.least)}
    return _("Fewer processes of the kind %(role)s than %(least)s are running.") % shown


def _shed(rule: TelemetryShed) -> str:
    shown = {"limit": whole(rule.limit), "time": span(rule.within_s)}
    return _("More than %(limit)s telemetry records were shed in the last %(time)s.") % shown


CONDITIONS: dict[str, Callable[[Any], str]] = {
    BurnRate.kind: _burn,
    Above.kind: _above,
    JobFailing.kind: _failing,
    ProcessGone.kind: _gone,
    TelemetryShed.kind: _shed,
}
