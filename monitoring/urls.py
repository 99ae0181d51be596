"""The panel's pages, under /admin/monitoring/panel/."""

from django.urls import path

from monitoring.views import bottlenecks, jobs, overview, processes, trace, traces

app_name = "panel"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("bottlenecks/", bottlenecks.bottlenecks, name="bottlenecks"),
    path("traces/", traces.traces, name="traces"),
    path("traces/<str:trace_id>/", trace.trace, name="trace"),
    path("traces/<str:trace_id>/rows/", trace.more_rows, name="trace_rows"),
    path("traces/<str:trace_id>/spans/<str:span_id>/", trace.span, name="span"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<str:run_id>/retry/", jobs.retry_job, name="retry_job"),
    path("jobs/<str:name>/run/", jobs.run_job, name="run_job"),
    path("processes/", processes.processes, name="processes"),
]
