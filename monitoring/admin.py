"""The panel's tables in the admin: to read, never to change."""

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from monitoring.models import AuditEntry, JobRun, Measure, Series, Span, Writer
from monitoring.panel.formatting import duration
from monitoring.read_only import ReadOnlyAdmin
from monitoring.store.times import moment


@admin.display(description=_("duration"), ordering="duration_ms")
def took(row: Measure | Span) -> str:
    return duration(row.duration_ms)


@admin.display(description=_("measured at"))
def measured_at(row: Measure) -> str:
    return date_format(localtime(moment(row.at)), "DATETIME_FORMAT")


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "labels"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(Measure)
class MeasureAdmin(ReadOnlyAdmin):
    list_display = ["series", measured_at, took, "ok", "trace_id"]
    list_select_related = ["series"]
    ordering = ["-pk"]


@admin.register(Span)
class SpanAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "name", took, "status", "role", "trace_id"]
    search_fields = ["trace_id__exact"]
    ordering = ["-started_at"]


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "name", "status", "attempt", "source", "trace_id"]
    list_filter = ["status"]
    search_fields = ["name__exact"]
    ordering = ["-started_at"]


@admin.register(Writer)
class WriterAdmin(ReadOnlyAdmin):
    list_display = ["role", "pid", "host", "started_at", "seen_at", "ended", "active_spans", "shed", "failures"]
    ordering = ["-seen_at"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_name", "action", "target"]
    search_fields = ["target__exact", "action__exact", "actor_name__exact"]
    date_hierarchy = "at"
    ordering = ["-at"]
