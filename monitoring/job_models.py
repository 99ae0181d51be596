"""What is known of each attempt at a job."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One attempt at a job: enqueued, started, finished or interrupted; or discarded, before it ran or after it failed.

    `args` is JSON: the positional arguments in a list, or `{"args": [...], "kwargs": {...}}` when there are others.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        SUCCESS = "success", _("succeeded")
        FAILED = "failed", _("failed")
        INTERRUPTED = "interrupted", _("interrupted")
        DISCARDED = "discarded", _("discarded")

    id = models.CharField(primary_key=True, max_length=32)
    task_id = models.CharField(_("task"), max_length=32)
    name = models.CharField(_("job"), max_length=200)
    func = models.CharField(_("function"), max_length=200)
    args = models.TextField(_("arguments"), default="[]")
    attempt = models.IntegerField(_("attempt"), default=1)
    source = models.CharField(_("run by"), max_length=10)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    outcome = models.TextField(_("outcome"), blank=True)
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)
    span_id = models.CharField(_("span"), max_length=16, blank=True)
    parent_id = models.CharField(_("parent"), max_length=16, blank=True)
    writer = models.CharField(_("writer"), max_length=32)
    enqueued_at = models.DateTimeField(_("enqueued at"))
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        permissions = [("act_on_jobs", _("Can retry and run jobs"))]
        indexes = [
            models.Index(fields=["-started_at"], name="jobrun_recent"),
            models.Index(fields=["name", "-started_at"], name="jobrun_of_name"),
            # The jobs page counts and lists by status, of all jobs or of one.
            models.Index(fields=["status", "-started_at"], name="jobrun_of_status"),
            models.Index(fields=["name", "status", "-started_at"], name="jobrun_of_name_and_status"),
            models.Index(fields=["writer"], condition=models.Q(status="running"), name="jobrun_open"),
            models.Index(fields=["task_id"], name="jobrun_of_task"),
            # What did not go well, which is little among much that did.
            models.Index(
                fields=["-started_at"],
                condition=models.Q(status__in=("failed", "interrupted", "discarded")),
                name="jobrun_not_well",
            ),
        ]

    def __str__(self) -> str:
        return self.name
