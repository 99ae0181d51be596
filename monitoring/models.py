"""The panel's tables. All but AuditEntry and the alerts live in the telemetry database, written by the store alone."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from monitoring import alert_models as alert_models
from monitoring.job_models import JobRun as JobRun
from monitoring.process_models import Leader as Leader
from monitoring.process_models import Writer as Writer
from monitoring.size_models import StoreSize as StoreSize
from monitoring.store.histogram import Histogram


class Series(models.Model):
    """A name with its labels: what a measure belongs to."""

    kind = models.CharField(_("kind"), max_length=10)
    name = models.CharField(_("name"), max_length=200)
    labels = models.CharField(_("labels"), max_length=500, default="[]", help_text=_("JSON list of label and value"))

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints = [models.UniqueConstraint(fields=["kind", "name", "labels"], name="series_once")]

    def __str__(self) -> str:
        return self.name


class Measure(models.Model):
    """One duration as it was measured; kept for a while beside the histograms made of it."""

    # No constraint: looking each row's series up would cost a tenth of writing it, and series are never deleted.
    series = models.ForeignKey(
        Series,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="measures",
        verbose_name=_("series"),
    )
    at = models.FloatField(_("measured at"), help_text=_("In seconds since the epoch"))
    duration_ms = models.FloatField(_("duration (ms)"))
    ok = models.BooleanField(_("succeeded"), default=True)
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)
    span_id = models.CharField(_("span"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        permissions = [
            ("view_panel", _("Can see the monitoring panel")),
            ("view_settings", _("Can see the settings in force")),
        ]
        # The measures of one name, newest first. What is old is found by its id, which rises with time.
        indexes = [
            models.Index(fields=["series", "at"], name="measure_of_series"),
            models.Index(fields=["id"], condition=models.Q(ok=False), name="measure_failed"),  # the list in the admin
        ]

    def __str__(self) -> str:
        return f"{self.duration_ms:.1f} ms"


class Figures(models.Model):
    """The columns of a stored histogram; durations in milliseconds."""

    count = models.BigIntegerField(_("count"))
    errors = models.BigIntegerField(_("errors"))
    total_ms = models.FloatField(_("total (ms)"))
    least_ms = models.FloatField(_("least (ms)"))
    most_ms = models.FloatField(_("most (ms)"))
    cells = models.BinaryField(_("cells"))

    class Meta:
        abstract = True

    @staticmethod
    def columns(histogram: Histogram) -> dict[str, float | bytes]:
        return {
            "count": histogram.count,
            "errors": histogram.errors,
            "total_ms": histogram.total,
            "least_ms": histogram.least if histogram.cells else 0.0,
            "most_ms": histogram.most,
            "cells": histogram.pack(),
        }

    def histogram(self) -> Histogram:
        histogram = Histogram()
        histogram.count, histogram.errors, histogram.total = self.count, self.errors, self.total_ms
        histogram.unpack(bytes(self.cells))
        histogram.most = self.most_ms
        histogram.least = self.least_ms if histogram.cells else histogram.least
        return histogram


class Delta(Figures):
    """What one write of one process adds to a minute: appended, never changed, until the compaction merges it."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="deltas")
    bucket = models.BigIntegerField(_("minute"), help_text=_("Its first second since the epoch"))
    writer = models.CharField(_("writer"), max_length=32)
    seq = models.BigIntegerField(_("sequence"))

    class Meta:
        verbose_name = _("delta")
        verbose_name_plural = _("deltas")
        constraints = [
            models.UniqueConstraint(fields=["bucket", "series", "writer", "seq"], name="delta_once"),
        ]


class Rollup(Figures):
    """A series' figures over `resolution` seconds from `bucket` on."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False, related_name="rollups")
    resolution = models.IntegerField(_("resolution (s)"))
    bucket = models.BigIntegerField(_("begins"), help_text=_("Its first second since the epoch"))

    class Meta:
        verbose_name = _("rollup")
        verbose_name_plural = _("rollups")
        constraints = [
            # Serves the reads: every series of a window.
            models.UniqueConstraint(fields=["resolution", "bucket", "series"], name="rollup_once"),
        ]


class Total(Figures):
    """A series' figures since the beginning, less the deltas not merged yet: what /metrics starts from."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, primary_key=True, related_name="lifetime")

    class Meta:
        verbose_name = _("lifetime total")
        verbose_name_plural = _("lifetime totals")


class Exemplar(models.Model):
    """One of the slowest or of the failed measures of a series in a minute, whose trace is kept as long as this row."""

    series = models.ForeignKey(
        Series, on_delete=models.CASCADE, db_index=False, related_name="exemplars", verbose_name=_("series")
    )
    bucket = models.BigIntegerField(_("minute"), help_text=_("Its first second since the epoch"))
    at = models.FloatField(_("measured at"), help_text=_("In seconds since the epoch"))
    duration_ms = models.FloatField(_("duration (ms)"))
    ok = models.BooleanField(_("succeeded"), default=True)
    trace_id = models.CharField(_("trace"), max_length=32)
    span_id = models.CharField(_("span"), max_length=16)

    class Meta:
        verbose_name = _("exemplar")
        verbose_name_plural = _("exemplars")
        indexes = [
            models.Index(fields=["bucket", "series"], name="exemplar_of_window"),  # the latest, for /metrics; retention
            models.Index(fields=["series", "duration_ms", "bucket"], name="exemplar_slowest"),  # of a name in a window
            models.Index(fields=["series", "bucket"], condition=models.Q(ok=False), name="exemplar_failed"),
            models.Index(fields=["trace_id"], name="exemplar_keeps_trace"),  # retention of spans
        ]

    def __str__(self) -> str:
        return f"{self.duration_ms:.1f} ms"


class Deploy(models.Model):
    """A version that went live: a mark on charts and lists."""

    at = models.DateTimeField(_("at"), db_index=True)
    version = models.CharField(_("version"), max_length=100)

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints = [models.UniqueConstraint(fields=["at", "version"], name="deploy_once")]

    def __str__(self) -> str:
        return self.version


FAILED = ("error", "interrupted")  # what a span's status says when not all went well


class Span(models.Model):
    """One ended span, or a job's span that a dead process left open."""

    trace_id = models.CharField(_("trace"), max_length=32)
    span_id = models.CharField(_("span"), max_length=16)
    parent_id = models.CharField(_("parent"), max_length=16, blank=True)
    local_root = models.BooleanField(_("first of its process"), default=False)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10)
    service = models.CharField(_("service"), max_length=100)
    role = models.CharField(_("process"), max_length=20, blank=True)
    started_at = models.DateTimeField(_("started at"))
    duration_ms = models.FloatField(_("duration (ms)"))
    status = models.CharField(_("status"), max_length=12)
    status_message = models.CharField(_("message"), max_length=500, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict)
    events = models.JSONField(_("events"), default=list)
    links = models.JSONField(_("links"), default=list)

    class Meta:
        verbose_name = _("span")
        verbose_name_plural = _("spans")
        constraints = [
            # Serves one trace's page; an exporter's retry adds nothing twice.
            models.UniqueConstraint(fields=["trace_id", "span_id"], name="span_once"),
        ]
        indexes = [
            models.Index(fields=["-started_at"], condition=models.Q(local_root=True), name="span_recent_roots"),
            models.Index(fields=["started_at"], name="span_age"),  # retention
            models.Index(fields=["name", "-started_at"], name="span_of_name"),  # the list of a name
            models.Index(
                fields=["started_at"], condition=models.Q(status__in=FAILED), name="span_failed"
            ),  # the lists of these
        ]

    def __str__(self) -> str:
        return self.name


class AuditEntry(models.Model):
    """Who did what to what, when. Lives beside what it tells of, so that both are kept or neither."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"), db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, verbose_name=_("actor"))
    actor_name = models.CharField(_("actor's name"), max_length=150)
    action = models.CharField(_("action"), max_length=100)
    target = models.CharField(_("target"), max_length=200)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at"]
        # Who, what and to whom, the newest first.
        indexes = [
            models.Index(fields=["actor_name", "at"], name="audit_of_actor"),
            models.Index(fields=["action", "at"], name="audit_of_action"),
            models.Index(fields=["target", "at"], name="audit_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.action}"
