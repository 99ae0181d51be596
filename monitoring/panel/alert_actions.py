"""What a person may do about alerts: acknowledge one, and silence some for a while. Each leaves an audit entry.

Each is done only if it still makes sense: of two people, or of two clicks, one does it and the other is told.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.alert_models import NOTE_LENGTH, Alert, Silence
from monitoring.alerting.rules import rules
from monitoring.auditing import audit, register_actions
from monitoring.errors import BadParameter, NotFound

LENGTHS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "24h": timedelta(hours=24)}
UNTIL = "until"  # a moment of one's own
LONGEST = timedelta(days=30)
SAME = timedelta(minutes=1)  # two silences that end within it are one that was asked for twice

WORDS = {
    "alert.acknowledge": gettext_noop("acknowledged the alert"),
    "alert.silence": gettext_noop("silenced alerts"),
    "alert.unsilence": gettext_noop("ended a silence"),
}


class Late(Exception):
    """Somebody was quicker; the message says so."""


def register() -> None:
    """Have the audit know what these are called, and where alerts and silences are shown."""
    places = {word: partial(_place, word) for word in ("alert", "silence")}
    register_actions(WORDS, places)


def _place(word: str, number: str) -> str:
    return f"{reverse('panel:alerts')}#{word}-{number}"


def acknowledge(actor: AbstractBaseUser | None, pk: int, note: str, now: datetime) -> None:
    """Take note of an alert that fires: nobody is reminded of it any more. Raises Late for all but the first."""
    said = _kept("note", note)
    firing = Alert.objects.filter(pk=pk, state=Alert.State.FIRING, acknowledged_at=None)
    with transaction.atomic():
        done = firing.update(acknowledged_at=now, acknowledged_by=actor.pk if actor else None, note=said)
        alert = Alert.objects.select_related("acknowledged_by").filter(pk=pk).first()
        if alert is None:
            raise NotFound(_("There is no alert %(number)s.") % {"number": pk})
        if not done:
            raise Late(_why_late(alert))
        audit(actor, "alert.acknowledge", f"alert {pk}", rule=alert.rule, subject=alert.subject)


def _why_late(alert: Alert) -> str:
    if alert.state == Alert.State.RESOLVED:
        return _("There is nothing to acknowledge: the alert is over.")
    if alert.acknowledged_by:
        return _("It was acknowledged already, by %(name)s.") % {"name": alert.acknowledged_by.get_username()}
    return _("It cannot be acknowledged now: it does not fire, or somebody has acknowledged it already.")


def silence(actor: AbstractBaseUser | None, asked: Mapping[str, str], now: datetime) -> None:
    """Tell nobody of alerts of a rule (empty: any) about a subject (empty: any; `*` for anything), for a while."""
    rule, subject, reason = (
        asked.get("rule", ""),
        asked.get("subject", "").strip(),
        _kept("reason", asked.get("reason", "")),
    )
    if rule and rule not in rules() and not Alert.objects.filter(rule=rule).exists():
        raise BadParameter("rule", rule, _("the name of a rule, or empty"))
    if len(subject) > 200 or "\0" in subject:
        raise BadParameter("subject", subject, _("a text of at most %(most)s characters") % {"most": 200})
    if not reason:
        raise BadParameter("reason", "", _("a few words: others will want to know"))
    until = _until(asked.get("length", ""), asked.get("until", ""), now)
    with transaction.atomic():
        if Silence.objects.filter(rule=rule, subject=subject, until__gt=max(now, until - SAME)).exists():
            raise Late(_("That is silenced already, and for at least as long."))
        made = Silence.objects.create(
            rule=rule, subject=subject, until=until, reason=reason, made_at=now, made_by_id=actor.pk if actor else None
        )
        audit(actor, "alert.silence", f"silence {made.pk}", rule=rule, subject=subject, until=until.isoformat())


def lift(actor: AbstractBaseUser | None, pk: int, now: datetime) -> None:
    """End a silence: who is due to be told is told at the next look."""
    found = Silence.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no silence %(number)s.") % {"number": pk})
    with transaction.atomic():
        if not Silence.objects.filter(pk=pk, until__gt=now).update(until=now):
            raise Late(_("The silence has ended already."))
        audit(actor, "alert.unsilence", f"silence {pk}", rule=found.rule, subject=found.subject)


def _until(length: str, until: str, now: datetime) -> datetime:
    if length in LENGTHS:
        return now + LENGTHS[length]
    if length != UNTIL:
        raise BadParameter("length", length, ", ".join([*LENGTHS, UNTIL]))
    try:
        at = parse_datetime(until)
        at = make_aware(at) if at is not None and is_naive(at) else at
    except (ValueError, OverflowError):
        at = None
    if at is None or not now < at <= now + LONGEST:
        raise BadParameter("until", until, _("a time to come, within 30 days"))
    return at


def _kept(name: str, text: str) -> str:
    kept = " ".join(text.replace("\0", "").split())
    if len(kept) > NOTE_LENGTH:
        raise BadParameter(name, kept, _("a text of at most %(most)s characters") % {"most": NOTE_LENGTH})
    return kept
