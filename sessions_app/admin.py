"""The desk's records in the admin: to search and read. The desk itself is where they change."""

from django.contrib import admin
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from monitoring import ByIndex, ReadOnlyAdmin
from sessions_app.models import ConnectionReport, QueueEntry, StaffPeriod, SupportSession, TurnSecret


class Places(ByIndex):
    title = _("place in the queue")
    parameter_name = "place"
    choices_of = {
        "entry_put_first": _("not by the order of joining (priority)"),
        "entry_unanswered": _("came back, as the customer's page did not answer"),
    }


class Reports(ByIndex):
    parameter_name = "which"
    choices_of = {
        "report_failed_newest": _("failed"),
        "report_relayed_newest": _("relayed"),
        "report_refused": _("not believed"),
    }


@admin.display(description=_("connection time (ms)"))
def connection_time(report: ConnectionReport) -> str:
    return _to_a_tenth(report.connection_time_ms)


@admin.display(description=_("first frame (ms)"))
def first_frame(report: ConnectionReport) -> str:
    return _to_a_tenth(report.first_frame_ms)


@admin.register(SupportSession)
class SupportSessionAdmin(ReadOnlyAdmin):
    list_display = ("joined_at", "state", "name", "topic", "staff", "outcome", "ended_at", "id")
    list_filter = ("state", "outcome")
    list_select_related = ("staff",)
    search_fields = ("id", "name", "staff__username")
    search_help_text = _("The whole id of a session, or the whole name of the customer or user name of the staff.")
    date_hierarchy = "joined_at"
    ordering = ("-joined_at",)

    def view_on_site(self, obj: SupportSession) -> str:
        return reverse("desk:session", args=[obj.pk])


@admin.register(QueueEntry)
class QueueEntryAdmin(ReadOnlyAdmin):
    list_display = ("joined_at", "left_at", "departure", "priority", "position_at_join", "session")
    list_filter = ("departure", Places)
    list_select_related = ("session",)
    search_fields = ("session__id",)
    search_help_text = _("The whole id of a session.")
    date_hierarchy = "joined_at"
    ordering = ("-joined_at",)


@admin.register(ConnectionReport)
class ConnectionReportAdmin(ReadOnlyAdmin):
    list_display = ("at", "role", "result", "failure", connection_time, first_frame, "reason", "session")
    list_filter = (Reports,)
    list_select_related = ("session",)
    search_fields = ("session__id",)
    search_help_text = _("The whole id of a session.")
    date_hierarchy = "at"
    ordering = ("-at",)


@admin.register(TurnSecret)
class TurnSecretAdmin(ReadOnlyAdmin):
    list_display = ("id", "step", "created_at", "retired_at")
    fields = ("step", "created_at", "retired_at")
    note = _("How far each secret has come. The secrets themselves are shown nowhere.")


@admin.register(StaffPeriod)
class StaffPeriodAdmin(ReadOnlyAdmin):
    list_display = ("began_at", "staff", "state", "reason", "ended_at", "session")
    list_filter = ("state", "reason")
    list_select_related = ("staff", "session")
    search_fields = ("staff__username", "session__id")
    search_help_text = _("The whole user name of a member of staff, or the whole id of a session.")
    date_hierarchy = "began_at"
    ordering = ("-began_at",)


def _to_a_tenth(ms: float | None) -> str:
    return "–" if ms is None else number_format(ms, 1)
