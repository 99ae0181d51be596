"""The processes that record telemetry, and the one row that they lock when they compact it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Writer(models.Model):
    """A process that records telemetry: its heartbeat, how far it has written and what it had to shed."""

    id = models.CharField(primary_key=True, max_length=32)
    host = models.CharField(_("host"), max_length=100)
    pid = models.IntegerField(_("process id"))
    role = models.CharField(_("role"), max_length=20)
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("last seen"))
    ended = models.BooleanField(_("ended"), default=False)
    seq = models.BigIntegerField(_("last write"), default=0)
    active_spans = models.IntegerField(_("active spans"), default=0)
    # The oldest of them: should the process die they are closed as interrupted.
    open_spans = models.JSONField(_("open spans"), default=list)
    shed = models.BigIntegerField(_("records shed"), default=0)
    failures = models.BigIntegerField(_("telemetry failures"), default=0)
    # How old the oldest record was when it was last written; and bad input by what was wrong with it.
    behind_s = models.FloatField(_("behind (s)"), default=0.0)
    refused = models.JSONField(_("refused"), default=dict)
    # What it takes: its resident set, in each of the last minutes too; a share of one processor; records in its buffer.
    memory_bytes = models.BigIntegerField(_("memory (bytes)"), default=0)
    memory_by_minute = models.JSONField(_("memory by the minute (bytes)"), default=list)
    cpu_share = models.FloatField(_("share of a processor"), default=0.0)
    buffered = models.IntegerField(_("records that wait"), default=0)

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        indexes = [models.Index(fields=["started_at"], name="writer_started")]  # the list in the admin

    def __str__(self) -> str:
        return f"{self.role} {self.pid}"


class Leader(models.Model):
    """The one row that a process locks while it compacts."""

    compacted_at = models.DateTimeField(_("compacted at"))

    class Meta:
        verbose_name = _("leader")
        verbose_name_plural = _("leaders")
