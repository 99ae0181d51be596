from django.urls import path

from monitoring.consumers import PanelConsumer

websocket_urlpatterns = [path("ws/panel/", PanelConsumer.as_asgi())]
