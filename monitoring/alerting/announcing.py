"""What the rest of the panel is told of alerts: a sentence on the overview, and a gauge."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from monitoring.alert_models import Alert, AlertWatch
from monitoring.alerting import words
from monitoring.alerting.reads import failing_channels, looked_at
from monitoring.alerting.telling import in_force, silenced
from monitoring.instruments import Instrument, Reading, declare, register_gauges
from monitoring.panel.formatting import duration, whole
from monitoring.store.times import moment
from monitoring.verdict import Offender, Verdict, register_verdicts

NAMED = 3  # alerts that are told one by one
STALE = timedelta(minutes=2)
LEVELS = (gettext_noop("bad"), gettext_noop("warn"))

ALERTS_FIRING = Instrument("gauge", "alerts_firing", gettext_noop("Alerts firing"), labels={"level": LEVELS})


def read() -> Iterator[Reading]:
    levels = list(Alert.objects.filter(state=Alert.State.FIRING).values_list("level", flat=True))
    for level in LEVELS:
        yield Reading(ALERTS_FIRING.name, levels.count(level), {"level": level})


def verdicts(now: datetime) -> Iterable[Verdict]:
    """Of the alerts that nobody has taken note of, and of what keeps people from being told."""
    page = reverse("panel:alerts")
    firing = Alert.objects.filter(state=Alert.State.FIRING, acknowledged_at=None).order_by("level", "-fired_at")
    silences = list(in_force(now))
    open_ = [alert for alert in firing if not silenced(alert, silences)]
    for alert in open_[:NAMED]:
        link = f"{page}#alert-{alert.pk}"
        offender = Offender(alert.subject or alert.rule, words.figures(alert), link)
        level: Literal["bad", "warn"] = "bad" if alert.level == "bad" else "warn"
        yield Verdict(level, words.sentence(alert), link, words.remedy(alert), (offender,), f"alert-{alert.pk}")
    if more := len(open_[NAMED:]):
        text = ngettext("%(count)s more alert is firing.", "%(count)s more alerts are firing.", more)
        remedy = _("Begin with the worst, and acknowledge those that somebody sees to.")
        yield Verdict("warn", text % {"count": whole(more)}, page, remedy, rule="alerts")
    for channel in failing_channels():
        text = _("Alerts do not get through by %(channel)s.") % {"channel": _(channel)}
        remedy = _("The page of the alerts has what the other side said.")
        yield Verdict("warn", text, f"{page}#channels", remedy, rule=f"channel-{channel}")
    watch = AlertWatch.objects.first()
    last = looked_at(watch.found if watch else {})
    if moment(0) < last < now - STALE:
        ago = duration((now - last).total_seconds() * 1000)
        text = _("Not every rule of the alerts has been looked at for %(time)s.") % {"time": ago}
        remedy = _("Web servers and metrics exporters do: see in the log of one what fails.")
        yield Verdict("warn", text, page, remedy, rule="alerts_late")


def announce() -> None:
    declare(ALERTS_FIRING)
    register_gauges(read)
    register_verdicts(verdicts)
