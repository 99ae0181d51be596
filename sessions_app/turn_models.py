"""The secrets of the TURN server, and how far each has come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TurnStep(models.TextChoices):
    """A rotation is the way of one secret from the first of these to "signing"; the one that it replaces retires."""

    MADE = "made", _("Made")
    ACCEPTED = "accepted", _("Known to the server")
    PROBED = "probed", _("Tried out")
    SIGNING = "signing", _("Signing")
    RETIRED = "retired", _("Retired")


UNDER_WAY = (TurnStep.MADE, TurnStep.ACCEPTED, TurnStep.PROBED)


class TurnSecret(models.Model):
    """A secret shared with the TURN server. Never shown: not in the admin, a log, a trace or a job's result."""

    sealed = models.CharField(max_length=255, editable=False)
    step = models.CharField(_("step"), max_length=8, choices=TurnStep.choices, default=TurnStep.MADE)
    created_at = models.DateTimeField(_("created at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("TURN secret")
        verbose_name_plural = _("TURN secrets")
        constraints = [
            models.UniqueConstraint(fields=["step"], condition=Q(step=TurnStep.SIGNING), name="secret_one_signs"),
            models.UniqueConstraint(
                models.Case(models.When(step__in=UNDER_WAY, then=1)),
                condition=Q(step__in=UNDER_WAY),
                name="secret_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(step=TurnStep.RETIRED, retired_at__isnull=False)
                | ~Q(step=TurnStep.RETIRED) & Q(retired_at=None),
                name="secret_retired_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
