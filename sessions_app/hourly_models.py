"""What hours and minutes that are over came to, kept so that nobody counts 300,000 sessions to draw a month."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HourTally(models.Model):
    """A tallying.Tally of one hour of `zone`'s clock, counted with these two settings. Times are microseconds."""

    since = models.DateTimeField(_("since"), unique=True)
    zone = models.CharField(_("time zone"), max_length=64)
    target_s = models.PositiveIntegerField(_("target (s)"))
    short_s = models.PositiveIntegerField(_("short abandon (s)"))
    short_abandons = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    answered_in_time = models.PositiveIntegerField()
    answered_us = models.PositiveBigIntegerField()
    abandoned = models.PositiveIntegerField()
    abandoned_in_time = models.PositiveIntegerField()
    abandoned_us = models.PositiveBigIntegerField()
    others = models.PositiveIntegerField()
    missed = models.PositiveIntegerField()
    longest_us = models.PositiveBigIntegerField()
    handled = models.PositiveIntegerField()
    handling_us = models.PositiveBigIntegerField()
    stays = models.PositiveIntegerField()
    stays_us = models.PositiveBigIntegerField()
    kept = models.PositiveIntegerField()
    longer = models.PositiveIntegerField()
    shorter = models.PositiveIntegerField()
    available_us = models.PositiveBigIntegerField()
    busy_us = models.PositiveBigIntegerField()
    paused_us = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("tally of an hour")
        verbose_name_plural = _("tallies of hours")

    def __str__(self) -> str:
        return f"{self.since.isoformat()} {self.zone}"


class StaffHour(models.Model):
    """A workload.Work: what one member of staff did in that hour, and how long they handled who joined in it."""

    hour = models.ForeignKey(HourTally, models.CASCADE, related_name="work", verbose_name=_("hour"))
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("staff"))
    handled = models.PositiveIntegerField()
    handling_us = models.PositiveBigIntegerField()
    available_us = models.PositiveBigIntegerField()
    in_call_us = models.PositiveBigIntegerField()
    wrap_up_us = models.PositiveBigIntegerField()
    break_us = models.PositiveBigIntegerField()
    meeting_us = models.PositiveBigIntegerField()
    training_us = models.PositiveBigIntegerField()
    other_work_us = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("hour of a member of staff")
        verbose_name_plural = _("hours of members of staff")

    def __str__(self) -> str:
        return f"{self.hour_id} {self.staff_id}"


class MinuteTally(models.Model):
    """A tallying.Tally of one minute, counted with these two settings, and by id of staff what each did: of both the
    numbers that are not 0.

    Left out are the sessions, and the time of those members of staff, of whom something could still change then.
    """

    since = models.DateTimeField(_("since"), unique=True)
    target_s = models.PositiveIntegerField(_("target (s)"))
    short_s = models.PositiveIntegerField(_("short abandon (s)"))
    tally = models.JSONField()
    work = models.JSONField()
    left_sessions = models.JSONField()
    left_staff = models.JSONField()

    class Meta:
        verbose_name = _("tally of a minute")
        verbose_name_plural = _("tallies of minutes")

    def __str__(self) -> str:
        return self.since.isoformat()
