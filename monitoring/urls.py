"""The panel's pages, under /admin/monitoring/panel/."""

from django.urls import path

from monitoring.views import (
    alerts,
    audit,
    bottlenecks,
    jobs,
    jobs_acting,
    name,
    overview,
    processes,
    settings_in_force,
    trace,
    traces,
)

app_name = "panel"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("bottlenecks/", bottlenecks.bottlenecks, name="bottlenecks"),
    path("bottlenecks/name/", name.name, name="name"),
    path("traces/", traces.traces, name="traces"),
    path("traces/<str:trace_id>/", trace.trace, name="trace"),
    path("traces/<str:trace_id>/rows/", trace.more_rows, name="trace_rows"),
    path("traces/<str:trace_id>/spans/<str:span_id>/", trace.span, name="span"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/confirm/", jobs_acting.confirm, name="confirm_jobs"),
    path("jobs/act/", jobs_acting.act, name="act_on_jobs"),
    path("jobs/runs/<str:run_id>/", jobs.run, name="run"),
    path("jobs/<str:name>/", jobs.job, name="job"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/silence/", alerts.silence, name="silence_alerts"),
    path("alerts/silences/<int:silence_id>/lift/", alerts.lift, name="lift_silence"),
    path("alerts/<int:alert_id>/acknowledge/", alerts.acknowledge, name="acknowledge_alert"),
    path("processes/", processes.processes, name="processes"),
    path("settings/", settings_in_force.in_force, name="settings"),
    path("audit/", audit.audit, name="audit"),
]
