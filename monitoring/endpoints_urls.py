from django.urls import path

from monitoring import endpoints

urlpatterns = [
    path("healthz", endpoints.healthz, name="healthz"),
    path("readyz", endpoints.readyz, name="readyz"),
    path("metrics", endpoints.metrics, name="metrics"),
]
