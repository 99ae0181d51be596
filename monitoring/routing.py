from django.urls import path

from monitoring.consumers import AlertsConsumer, JobNewsConsumer, JobsConsumer, PanelConsumer

websocket_urlpatterns = [
    path("ws/panel/", PanelConsumer.as_asgi()),
    path("ws/panel/jobs/", JobsConsumer.as_asgi()),
    path("ws/panel/jobs/news/", JobNewsConsumer.as_asgi()),
    path("ws/panel/alerts/", AlertsConsumer.as_asgi()),
]
