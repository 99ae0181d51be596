"""Every address of the site: the customer's pages, the staff pages inside the admin's frame, and those for machines."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

admin.site.site_header = admin.site.site_title = "AdminAra"

handler500 = "monitoring.outage.failed"
urlpatterns = [
    path("", include("monitoring.endpoints_urls")),
    path("admin/desk/", include("sessions_app.staff_urls")),
    path("admin/monitoring/panel/", include("monitoring.urls")),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set_language"),
    path("", include("sessions_app.urls")),
]
