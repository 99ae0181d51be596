"""The panel's tables in the admin: to read, never to change."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Field, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from monitoring import admin_queue as admin_queue
from monitoring.admin_filters import EndsOfRuns, FailedMeasures, FailedSpans, Recently, RecentMeasures
from monitoring.auditing import in_words
from monitoring.models import AuditEntry, Deploy, Exemplar, JobRun, Measure, Series, Span, Writer
from monitoring.panel.formatting import duration
from monitoring.read_only import ReadOnlyAdmin
from monitoring.retention import first_measure_since
from monitoring.store.tiers import MINUTE
from monitoring.store.times import moment

ONE_SERIES = "series__id__exact"
Rows = QuerySet[Any]


@admin.display(description=_("duration"), ordering="duration_ms")
def took(row: Measure | Span | Exemplar) -> str:
    return duration(row.duration_ms)


@admin.display(description=_("measured at"), ordering="at")
def measured_at(row: Measure | Exemplar) -> str:
    return date_format(localtime(moment(row.at)), "DATETIME_FORMAT")


@admin.display(description=_("minute"), ordering="bucket")
def minute(row: Exemplar) -> str:
    return date_format(localtime(moment(row.bucket)), "DATETIME_FORMAT")


@admin.display(description=_("trace"))
def trace(row: Measure | Span | Exemplar | JobRun) -> SafeString | str:
    if not row.trace_id:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse("panel:trace", args=[row.trace_id]), row.trace_id)


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "labels", "measures"]
    list_filter = ["kind"]
    search_fields = ["name", "name__startswith"]
    search_help_text = _("A name, or its beginning.")

    @admin.display(description=_("measures"))
    def measures(self, row: Series) -> SafeString | str:
        if row.kind != "histogram":
            return "–"
        address = f"{reverse('admin:monitoring_measure_changelist')}?{urlencode({ONE_SERIES: row.pk})}"
        return format_html('<a href="{}">{}</a>', address, _now("show"))


@admin.register(Measure)
class MeasureAdmin(ReadOnlyAdmin):
    """Measures have one index, of a series by time: so they are sorted by their ids, those of a series by time."""

    list_display = ["series", measured_at, took, "ok", trace]
    list_filter = [RecentMeasures, FailedMeasures]
    list_select_related = ["series"]
    search_fields = ["series__name"]
    search_help_text = _("The whole name of what was measured.")
    clock = "at"

    def within(self, rows: Rows, since: float, until: float) -> Rows:
        """By their ids, which rise with time to within how late a process writes."""
        ids = {"pk__gte": first_measure_since(since - MINUTE), "pk__lt": first_measure_since(until + MINUTE)}
        return rows.filter(at__gte=since, at__lt=until, **ids)

    def sorting_fields(self, request: HttpRequest) -> dict[str, Field[Any, Any]]:
        if not (request.GET.get("q", "").strip() or ONE_SERIES in request.GET):
            return super().sorting_fields(request)
        return {"id": Measure._meta.get_field("id"), "at": Measure._meta.get_field("at")}  # noqa: SLF001

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return ["-at"] if "at" in self.sorting_fields(request) else ["-pk"]

    def get_search_results(self, request: HttpRequest, queryset: Rows, search_term: str) -> tuple[Rows, bool]:  # noqa: ARG002
        """A name may have several series, one for each set of labels."""
        name = search_term.strip()
        if not name:
            return queryset, False
        series = list(Series.objects.filter(kind="histogram", name=name).values_list("pk", flat=True))
        return queryset.filter(series=series[0]) if len(series) == 1 else queryset.filter(series__in=series), False


@admin.register(Span)
class SpanAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "name", took, "status", "role", trace]
    list_filter = [FailedSpans]
    search_fields = ["trace_id", "name"]
    search_help_text = _("The whole id of a trace, or the whole name of a span.")
    date_hierarchy = "started_at"
    ordering = ["-started_at"]


@admin.register(Exemplar)
class ExemplarAdmin(ReadOnlyAdmin):
    list_display = [minute, "series", took, "ok", trace]
    list_filter = [Recently]
    list_select_related = ["series"]
    search_fields = ["trace_id"]
    search_help_text = _("The whole id of a trace.")
    ordering = ["-bucket"]
    sort_also = ("bucket",)  # it leads an index; what is left to sort are the rows of a minute


@admin.register(Deploy)
class DeployAdmin(ReadOnlyAdmin):
    list_display = ["at", "version"]
    search_fields = ["version"]
    search_help_text = _("A whole version.")
    date_hierarchy = "at"
    ordering = ["-at"]


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "name", "status", "attempt", "source", trace]
    list_filter = [EndsOfRuns]
    search_fields = ["name", "task_id", "id"]
    search_help_text = _("The whole name of a job, or the whole id of a task or a run.")
    date_hierarchy = "started_at"
    ordering = ["-started_at"]


@admin.register(Writer)
class WriterAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "role", "pid", "host", "seen_at", "ended", "active_spans", "shed", "failures"]
    date_hierarchy = "started_at"
    ordering = ["-started_at"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_name", "did", "target"]
    search_fields = ["target", "actor_name", "action"]
    search_help_text = _("A whole target, such as “session 1234…”, a whole user name, or an action's key.")
    date_hierarchy = "at"
    ordering = ["-at"]

    @admin.display(description=_("action"))
    def did(self, row: AuditEntry) -> str:
        return in_words(row.action)
