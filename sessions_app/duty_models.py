"""What members of staff do while they are on duty, stretch by stretch."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class StaffPeriod(models.Model):
    """One stretch in one state; whoever has no open one is off duty."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("Available")
        PAUSED = "paused", _("Paused")
        IN_CALL = "in_call", _("In a call")
        WRAP_UP = "wrap_up", _("Wrap-up")

    class Reason(models.TextChoices):
        BREAK = "break", _("Break")
        MEETING = "meeting", _("Meeting")
        TRAINING = "training", _("Training")
        OTHER_WORK = "other_work", _("Other work")

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("staff"), db_index=False
    )
    state = models.CharField(_("state"), max_length=9, choices=State)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, blank=True)
    session = models.ForeignKey(
        "sessions_app.SupportSession",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("session"),
    )
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last seen at"))

    class Meta:
        verbose_name = _("staff period")
        verbose_name_plural = _("staff periods")
        indexes = [
            # duty: the stretches within a window.
            models.Index(fields=["ended_at"], name="staff_period_ended"),
            # workload.stretches(): what each member of staff was doing at a moment. With the id, so that PostgreSQL
            # never takes all periods, the newest first, for the shorter way to the last one of who has not been here.
            models.Index(fields=["staff", "began_at", "id"], name="staff_period_last"),
            # The list in the admin: all, and those in one state or for one reason.
            models.Index(fields=["began_at"], name="staff_period_newest"),
            models.Index(fields=["state", "began_at"], name="staff_period_of_state"),
            models.Index(fields=["reason", "began_at"], name="staff_period_of_reason"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(ended_at=None), name="staff_period_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="staff_period_times_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state="paused") & ~Q(reason="") | ~Q(state="paused") & Q(reason=""),
                name="staff_period_pause_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.state}"
