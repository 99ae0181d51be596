"""What alerts remember: in the desk's database, so that an alert and the job that tells of it commit together."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NOTE_LENGTH = 500


class Alert(models.Model):
    """One time that a rule found something wrong with a subject, until it was well again.

    `value` against `threshold` is the latest figure; what they mean is said by the rule's `kind` and `detail`.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("not for long enough yet")
        FIRING = "firing", _("firing")
        RESOLVED = "resolved", _("resolved")

    rule = models.CharField(_("rule"), max_length=60)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20)
    level = models.CharField(_("level"), max_length=4)
    state = models.CharField(_("state"), max_length=8, choices=State)
    value = models.FloatField(_("value"))
    threshold = models.FloatField(_("threshold"))
    detail = models.JSONField(_("detail"), default=dict)
    since = models.DateTimeField(_("since"))
    fired_at = models.DateTimeField(_("fired at"), null=True)
    fine_since = models.DateTimeField(_("fine since"), null=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True)
    notified_at = models.DateTimeField(_("last told of"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("acknowledged by")
    )
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        permissions = [("act_on_alerts", _("Can acknowledge and silence alerts"))]
        constraints = [
            # Two who evaluate at once make one alert.
            models.UniqueConstraint(fields=["rule", "subject"], condition=~Q(state="resolved"), name="alert_one_open"),
        ]
        indexes = [
            models.Index(fields=["-resolved_at", "-id"], name="alert_history"),  # the page; retention
            models.Index(fields=["rule", "subject", "-notified_at"], name="alert_last_told"),  # the cooldown
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject}" if self.subject else self.rule


class Silence(models.Model):
    """Until when nobody is told of alerts of a rule (empty: of any), about a subject (empty: any; may hold `*`)."""

    rule = models.CharField(_("rule"), max_length=60, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    until = models.DateTimeField(_("until"), db_index=True)
    reason = models.CharField(_("reason"), max_length=NOTE_LENGTH)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )

    class Meta:
        verbose_name = _("silence")
        verbose_name_plural = _("silences")

    def __str__(self) -> str:
        return f"{self.rule or '*'}: {self.subject or '*'}"


class Delivery(models.Model):
    """One message through one channel. Its id is the message's, so that a receiver knows one that comes twice."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("not needed any more")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, models.CASCADE, null=True, related_name="deliveries", verbose_name=_("alert"))
    event = models.CharField(_("event"), max_length=8)
    channel = models.CharField(_("channel"), max_length=8)
    state = models.CharField(_("state"), max_length=8, choices=State)
    made_at = models.DateTimeField(_("made at"), db_index=True)
    due_at = models.DateTimeField(_("due at"))
    taken_at = models.DateTimeField(_("taken at"), null=True)
    tried_at = models.DateTimeField(_("last tried at"), null=True)
    attempts = models.IntegerField(_("attempts"), default=0)
    said = models.CharField(_("what happened"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["waiting", "sending"]), name="delivery_due"),
            models.Index(fields=["channel", "-tried_at"], name="delivery_of_channel"),  # its last success and failure
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.channel}"


class AlertWatch(models.Model):
    """The one row whose `looked_at` a process moves before it evaluates the rules, and what it found then."""

    looked_at = models.DateTimeField(_("looked at"))
    found = models.JSONField(_("found"), default=dict)

    class Meta:
        verbose_name = _("watch over the rules")
        verbose_name_plural = _("watches over the rules")
