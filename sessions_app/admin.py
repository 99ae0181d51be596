"""The desk's records in the admin: to search and read. The desk itself is where they change."""

from django.contrib import admin
from django.urls import reverse

from monitoring import ReadOnlyAdmin
from sessions_app.models import ConnectionReport, QueueEntry, StaffPeriod, SupportSession, TurnSecret


@admin.register(SupportSession)
class SupportSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "state", "name", "topic", "staff", "joined_at", "claimed_at", "ended_at", "outcome")
    list_filter = ("state", "outcome", "language")
    list_select_related = ("staff",)
    search_fields = ("id", "name", "topic", "trace_id")
    date_hierarchy = "joined_at"

    def view_on_site(self, obj: SupportSession) -> str:
        return reverse("desk:session", args=[obj.pk])


@admin.register(QueueEntry)
class QueueEntryAdmin(ReadOnlyAdmin):
    list_display = ("session", "joined_at", "left_at", "departure", "priority", "position_at_join")
    list_filter = ("departure", "priority")
    list_select_related = ("session",)
    search_fields = ("session__id",)
    date_hierarchy = "joined_at"


@admin.register(ConnectionReport)
class ConnectionReportAdmin(ReadOnlyAdmin):
    list_display = ("session", "role", "result", "failure", "connection_time_ms", "first_frame_ms", "reason", "at")
    list_filter = ("role", "result", "failure", "local_candidate", "remote_candidate", "protocol", "reason")
    list_select_related = ("session",)
    search_fields = ("session__id",)
    date_hierarchy = "at"


@admin.register(TurnSecret)
class TurnSecretAdmin(ReadOnlyAdmin):
    list_display = ("id", "step", "created_at", "retired_at")
    fields = ("step", "created_at", "retired_at")
    date_hierarchy = "created_at"


@admin.register(StaffPeriod)
class StaffPeriodAdmin(ReadOnlyAdmin):
    list_display = ("staff", "state", "reason", "session", "began_at", "ended_at")
    list_filter = ("state", "reason")
    list_select_related = ("staff", "session")
    search_fields = ("staff__username", "session__id")
    date_hierarchy = "began_at"
