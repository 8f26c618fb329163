from django.contrib import admin
from django.urls import include, path

from photos import events, upload

# Without a slash at the end: Offload follows no redirect, and APPEND_SLASH would answer with one.
urlpatterns = [
    path("api/v1/session", upload.session),
    path("api/v1/presign", upload.presign),
    path("api/v1/complete", upload.complete),
    path("s3-events", events.receive),
    path("s3-events/<secret>", events.receive),
    path("", include("devices.urls")),
    path("admin/", admin.site.urls),
]
