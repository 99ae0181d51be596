"""What participants' pages say of a call that goes on: how good it is, and what happened in it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sessions_app.roles import Role


class QualitySample(models.Model):
    """What one participant received and sent within `span_s` seconds up to `at`; empty where it cannot be known.

    Loss is lost / (lost + received), bitrates are averages, freezes a number (W3C webrtc-stats' freezeCount).
    """

    session = models.ForeignKey("sessions_app.SupportSession", models.CASCADE, related_name="quality")
    attempt = models.CharField(_("attempt"), max_length=64, blank=True)
    role = models.CharField(_("role"), max_length=8, choices=Role)
    at = models.DateTimeField(_("at"))
    span_s = models.PositiveSmallIntegerField(_("over (s)"))
    round_trip_ms = models.FloatField(_("round-trip time (ms)"), null=True, blank=True)
    jitter_ms = models.FloatField(_("jitter (ms)"), null=True, blank=True)
    loss_ratio = models.FloatField(_("packets lost"), null=True, blank=True)
    freezes = models.PositiveIntegerField(_("freezes"), null=True, blank=True)
    received_kbps = models.FloatField(_("received (kbit/s)"), null=True, blank=True)
    sent_kbps = models.FloatField(_("sent (kbit/s)"), null=True, blank=True)

    class Meta:
        verbose_name = _("quality sample")
        verbose_name_plural = _("quality samples")
        indexes = [
            models.Index(fields=["session", "role", "at"], name="quality_of_session"),
            # quality: what is to be thinned out or dropped, the oldest first.
            models.Index(fields=["at"], name="quality_age"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(loss_ratio=None) | Q(loss_ratio__gte=0, loss_ratio__lte=1), name="quality_loss_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.role} {self.at:%H:%M:%S}"


class CallEvent(models.Model):
    """Something that happened to one participant's call; `amount` says how much where it can be counted."""

    class Kind(models.TextChoices):
        MEDIA_DENIED = "media_denied", _("Camera or microphone were not allowed")
        MEDIA_MISSING = "media_missing", _("No camera or no microphone was found")
        MEDIA_BUSY = "media_busy", _("Camera or microphone were in use")
        MEDIA_INSECURE = "media_insecure", _("The page was not opened over https")
        INTERRUPTED = "interrupted", _("The line was interrupted")
        RESTARTED = "restarted", _("The way was looked for anew (ICE restart)")
        SCREEN_SHARED = "screen_shared", _("The screen was shared")
        CHAT = "chat", _("Messages written")

    session = models.ForeignKey("sessions_app.SupportSession", models.CASCADE, related_name="call_events")
    role = models.CharField(_("role"), max_length=8, choices=Role)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    amount = models.PositiveIntegerField(_("amount"), null=True, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("call event")
        verbose_name_plural = _("call events")

    def __str__(self) -> str:
        return f"{self.session_id} {self.role} {self.kind}"
