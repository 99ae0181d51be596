from django.urls import path

from sessions_app.board_consumer import BoardConsumer
from sessions_app.desk_consumer import DeskConsumer
from sessions_app.visit_consumer import VisitConsumer

websocket_urlpatterns = [
    path("ws/visit/", VisitConsumer.as_asgi()),
    path("ws/board/", BoardConsumer.as_asgi()),
    path("ws/desk/", DeskConsumer.as_asgi()),
]
