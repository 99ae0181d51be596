from django.urls import path

from sessions_app import views

urlpatterns = [
    path("", views.join, name="join"),
    path("message/", views.message, name="message"),
    path("s/<token>/", views.visit, name="visit"),
    path("s/<token>/message/", views.message_instead, name="message_instead"),
    path("s/<token>/leave/", views.leave, name="leave"),
]
