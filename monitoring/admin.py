"""The panel's tables in the admin: to read, never to change."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from monitoring.answers import mistake
from monitoring.formatting import MOST_COUNTED, duration
from monitoring.models import AuditEntry, JobRun, Measure, Series, Span, Writer


class CappedPaginator(Paginator[Any]):
    """Counts no further than MOST_COUNTED rows, however many there are."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return rows[:MOST_COUNTED].count() if isinstance(rows, QuerySet) else len(rows)


@admin.display(description=_("duration"), ordering="duration_ms")
def took(row: Measure | Span) -> str:
    return duration(row.duration_ms)


class ReadOnly(admin.ModelAdmin[Any]):
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except DatabaseError as error:
            return mistake(request, error)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False


@admin.register(Series)
class SeriesAdmin(ReadOnly):
    list_display = ["name", "kind", "labels"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(Measure)
class MeasureAdmin(ReadOnly):
    list_display = ["at", "series", took, "ok", "trace_id"]
    list_select_related = ["series"]
    ordering = ["-at"]


@admin.register(Span)
class SpanAdmin(ReadOnly):
    list_display = ["started_at", "name", took, "status", "role", "trace_id"]
    search_fields = ["trace_id__exact"]
    ordering = ["-started_at"]


@admin.register(JobRun)
class JobRunAdmin(ReadOnly):
    list_display = ["started_at", "name", "status", "attempt", "source", "trace_id"]
    list_filter = ["status"]
    search_fields = ["name__exact"]
    ordering = ["-started_at"]


@admin.register(Writer)
class WriterAdmin(ReadOnly):
    list_display = ["role", "pid", "host", "started_at", "seen_at", "ended", "active_spans", "shed", "failures"]
    ordering = ["-seen_at"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "actor_name", "action", "target"]
    search_fields = ["target__exact", "action__exact", "actor_name__exact"]
    date_hierarchy = "at"
    ordering = ["-at"]
