"""What participants' pages say of their attempts to connect."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sessions_app.roles import Role

LONGEST_SETUP_MS = 120_000


class Result(models.TextChoices):
    CONNECTED = "connected", _("Connected")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Ended before it was decided")


class Failure(models.TextChoices):
    """Why an attempt did not come about, as the page's own deadline found it."""

    NO_CANDIDATES = "no_candidates", _("No candidates")
    TURN_REFUSED = "turn_refused", _("TURN credential refused")
    ICE = "ice", _("No way through (ICE)")
    DTLS = "dtls", _("No encryption (DTLS)")
    NO_MEDIA = "no_media", _("No sound or picture")
    PEER_LEFT = "peer_left", _("The other side left")


class CandidateType(models.TextChoices):
    """The kinds of address of RFC 8445. Never the address."""

    HOST = "host", _("Direct")
    SRFLX = "srflx", _("Behind a router (srflx)")
    PRFLX = "prflx", _("Behind a router (prflx)")
    RELAY = "relay", _("Relayed")


class Protocol(models.TextChoices):
    UDP = "udp", "UDP"
    TCP = "tcp", "TCP"
    TLS = "tls", "TLS"


class ConnectionReport(models.Model):
    """What one participant's page said of one attempt to connect: a claim, accepted or refused with a reason.

    Times are ms; signalling, the connection time and the first frame count from the attempt's beginning.
    """

    session = models.ForeignKey(
        "sessions_app.SupportSession", models.CASCADE, related_name="reports", verbose_name=_("session")
    )
    attempt = models.CharField(_("attempt"), max_length=64, blank=True)
    role = models.CharField(_("role"), max_length=8, choices=Role)
    result = models.CharField(_("result"), max_length=9, choices=Result, default=Result.CONNECTED)
    failure = models.CharField(_("why failed"), max_length=13, choices=Failure, blank=True)
    signalling_ms = models.FloatField(_("signalling (ms)"), null=True, blank=True)
    gathering_ms = models.FloatField(_("gathering (ms)"), null=True, blank=True)
    ice_ms = models.FloatField(_("ICE (ms)"), null=True, blank=True)
    dtls_ms = models.FloatField(_("DTLS (ms)"), null=True, blank=True)
    connection_time_ms = models.FloatField(_("connection time (ms)"), null=True, blank=True)
    first_frame_ms = models.FloatField(_("first frame (ms)"), null=True, blank=True)
    local_candidate = models.CharField(_("own candidate"), max_length=5, choices=CandidateType, blank=True)
    remote_candidate = models.CharField(_("other candidate"), max_length=5, choices=CandidateType, blank=True)
    protocol = models.CharField(_("protocol"), max_length=3, choices=Protocol, blank=True)
    accepted = models.BooleanField(_("accepted"))
    reason = models.CharField(_("reason refused"), max_length=20, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("connection report")
        verbose_name_plural = _("connection reports")
        indexes = [
            # criteria: the few sessions that failed so, that were relayed, or that took so long.
            models.Index(fields=["failure"], condition=~Q(failure=""), name="report_failed"),
            models.Index(
                fields=["session"],
                condition=Q(local_candidate="relay") | Q(remote_candidate="relay"),
                name="report_relayed",
            ),
            models.Index(
                fields=["connection_time_ms", "role", "session"], condition=Q(accepted=True), name="report_setup_time"
            ),
            # The list in the admin: all, and the few that failed, were relayed or were not believed.
            models.Index(fields=["at"], name="report_newest"),
            models.Index(fields=["at"], condition=~Q(failure=""), name="report_failed_newest"),
            models.Index(
                fields=["at"],
                condition=Q(local_candidate="relay") | Q(remote_candidate="relay"),
                name="report_relayed_newest",
            ),
            models.Index(fields=["at"], condition=Q(accepted=False), name="report_refused"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["session", "attempt", "role"], name="report_one_per_attempt_and_role"),
            models.CheckConstraint(
                condition=Q(accepted=False)
                | Q(reason="", connection_time_ms=None) & ~Q(result=Result.CONNECTED)
                | Q(
                    connection_time_ms__isnull=False,
                    connection_time_ms__gt=0,
                    connection_time_ms__lte=LONGEST_SETUP_MS,
                    reason="",
                ),
                name="report_accepted_is_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.attempt} {self.role}"

    @property
    def relayed(self) -> bool:
        """Whether either side's way went through a TURN server."""
        return CandidateType.RELAY in (self.local_candidate, self.remote_candidate)
