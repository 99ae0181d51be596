from django.urls import path

from monitoring.consumers import JobsConsumer, PanelConsumer

websocket_urlpatterns = [
    path("ws/panel/", PanelConsumer.as_asgi()),
    path("ws/panel/jobs/", JobsConsumer.as_asgi()),
]
