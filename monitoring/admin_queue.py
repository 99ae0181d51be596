"""django-q2's own tables in the admin, to read: who may act on jobs does so on the jobs page, where it is audited."""

from typing import Any

from django.contrib import admin
from django.template.defaultfilters import truncatechars
from django.utils.translation import gettext_lazy as _
from django_q import admin as own_lists
from django_q.models import Failure, OrmQ, Schedule, Success

from monitoring.read_only import ReadOnlyAdmin

for registered in (Failure, OrmQ, Schedule, Success):
    if own_lists.admin.site.is_registered(registered):
        admin.site.unregister(registered)


@admin.display(description=_("result"))
def result(task: Any) -> str:
    return truncatechars(str(task.result), 100)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ["name", "func", "cron", "next_run"]
    search_fields = ["name"]
    search_help_text = _("A schedule's whole name.")
    ordering = ["id"]
    note = _("What runs when stands in adminara/schedules.py, and manage.py prepare sets it up: it is changed there.")


@admin.register(Failure)
class FailureAdmin(ReadOnlyAdmin):
    list_display = ["name", "func", "started", "stopped", result]
    search_fields = ["id", "name"]
    search_help_text = _("The whole id or name of a task.")
    ordering = ["-stopped"]
    sort_also = ("stopped",)  # failures of TELEMETRY_KEEP_RESULTS alone
    note = _("Tasks that failed for good. The job runs tell more: each attempt, its trace and how long it waited.")


@admin.register(Success)
class SuccessAdmin(ReadOnlyAdmin):
    list_display = ["name", "func", "started", "stopped"]
    search_fields = ["id", "name"]
    search_help_text = _("The whole id or name of a task.")
    ordering = ["-stopped"]
    sort_also = ("stopped",)  # there are none
    note = _("The job queue keeps no successful tasks here: they are among the job runs.")


@admin.register(OrmQ)
class QueueAdmin(ReadOnlyAdmin):
    list_display = ["id", "name", "func", "lock", "task_id"]
    fields = ["key", "lock", "task_id", "name", "func", "args", "kwargs"]
    note = _("Tasks that wait for a worker, are with one, or pause before their next attempt.")
