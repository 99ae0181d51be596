"""The panel's pages, under /admin/monitoring/panel/."""

from django.urls import path

from monitoring import views

app_name = "panel"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("bottlenecks/", views.bottlenecks, name="bottlenecks"),
    path("traces/", views.traces, name="traces"),
    path("traces/<str:trace_id>/", views.trace, name="trace"),
    path("jobs/", views.jobs, name="jobs"),
    path("processes/", views.processes, name="processes"),
    path("jobs/<str:run_id>/retry/", views.retry_job, name="retry_job"),
    path("jobs/<str:name>/run/", views.run_job, name="run_job"),
]
