"""What a person may do about alerts: acknowledge one, and silence some for a while. Each leaves an audit entry."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _

from monitoring.alert_models import NOTE_LENGTH, Alert, Silence
from monitoring.alerting.rules import rules
from monitoring.auditing import audit
from monitoring.errors import BadParameter, NotFound

LENGTHS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "24h": timedelta(hours=24)}
UNTIL = "until"  # a moment of one's own
LONGEST = timedelta(days=30)


def acknowledge(actor: AbstractBaseUser | None, pk: int, note: str, now: datetime) -> Alert:
    """Take note of an alert that fires: nobody is reminded of it any more. The first one to do so is kept."""
    alert = Alert.objects.filter(pk=pk).first()
    if alert is None:
        raise NotFound(_("There is no alert %(number)s.") % {"number": pk})
    firing = Alert.objects.filter(pk=pk, state=Alert.State.FIRING, acknowledged_at=None)
    with transaction.atomic():
        by = actor.pk if actor else None
        if not firing.update(acknowledged_at=now, acknowledged_by=by, note=_kept("note", note)):
            raise BadParameter("alert", str(pk), _("one that fires and that nobody has acknowledged yet"))
        audit(actor, "alert.acknowledge", str(alert), alert=pk)
    return alert


def silence(actor: AbstractBaseUser | None, asked: Mapping[str, str], now: datetime) -> Silence:
    """Tell nobody of alerts of a rule (empty: any) about a subject (empty: any; `*` for anything), for a while."""
    rule, reason = asked.get("rule", ""), _kept("reason", asked.get("reason", ""))
    if rule and rule not in rules() and not Alert.objects.filter(rule=rule).exists():
        raise BadParameter("rule", rule, _("the name of a rule, or empty"))
    if not reason:
        raise BadParameter("reason", "", _("a few words: others will want to know"))
    with transaction.atomic():
        made = Silence.objects.create(
            rule=rule,
            subject=asked.get("subject", "").strip()[:200],
            until=_until(asked.get("length", ""), asked.get("until", ""), now),
            reason=reason,
            made_at=now,
            made_by_id=actor.pk if actor else None,
        )
        audit(actor, "alert.silence", str(made), silence=made.pk, until=made.until.isoformat())
    return made


def lift(actor: AbstractBaseUser | None, pk: int, now: datetime) -> Silence:
    """End a silence: who is due to be told is told at the next look."""
    found = Silence.objects.filter(pk=pk).first()
    if found is None or found.until <= now:
        raise NotFound(_("There is no silence %(number)s any more.") % {"number": pk})
    with transaction.atomic():
        Silence.objects.filter(pk=pk, until__gt=now).update(until=now)
        audit(actor, "alert.unsilence", str(found), silence=pk)
    return found


def _until(length: str, until: str, now: datetime) -> datetime:
    if length in LENGTHS:
        return now + LENGTHS[length]
    if length != UNTIL:
        raise BadParameter("length", length, ", ".join([*LENGTHS, UNTIL]))
    try:
        at = parse_datetime(until)
    except ValueError:
        at = None
    at = make_aware(at) if at is not None and is_naive(at) else at
    if at is None or not now < at <= now + LONGEST:
        raise BadParameter("until", until, _("a time to come, within 30 days"))
    return at


def _kept(name: str, text: str) -> str:
    kept = " ".join(text.replace("\0", "").split())
    if len(kept) > NOTE_LENGTH:
        raise BadParameter(name, kept, _("a text of at most %(most)s characters") % {"most": NOTE_LENGTH})
    return kept
