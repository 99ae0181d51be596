from django.urls import path

from sessions_app import board_views, history_views, staff_views

app_name = "desk"
urlpatterns = [
    path("", staff_views.console, name="console"),
    path("board/", board_views.show, name="board"),
    path("sessions/", history_views.sessions, name="sessions"),
    path("sessions/setup/", history_views.setup, name="setup"),
    path("sessions/<uuid:session_id>/", history_views.session, name="session"),
    path("duty/start/", staff_views.start, name="start"),
    path("duty/pause/", staff_views.pause, name="pause"),
    path("duty/ready/", staff_views.ready, name="ready"),
    path("duty/stop/", staff_views.stop, name="stop"),
    path("next/", staff_views.take_next, name="next"),
    path("<uuid:session_id>/take/", staff_views.take, name="take"),
    path("<uuid:session_id>/call-back/", staff_views.call_back, name="call_back"),
    path("<uuid:session_id>/requeue/", staff_views.requeue, name="requeue"),
    path("<uuid:session_id>/end/", staff_views.end, name="end"),
    path("<uuid:session_id>/write-up/", staff_views.write_up, name="write-up"),
]
