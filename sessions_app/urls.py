from django.urls import path

from sessions_app import views

urlpatterns = [
    path("", views.join, name="join"),
    path("s/<token>/", views.visit, name="visit"),
    path("s/<token>/leave/", views.leave, name="leave"),
]
