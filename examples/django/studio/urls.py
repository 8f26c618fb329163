from django.contrib import admin
from django.urls import path

from photos import upload

# Without a slash at the end: Offload follows no redirect, and APPEND_SLASH would answer with one.
urlpatterns = [
    path("api/v1/session", upload.session),
    path("api/v1/presign", upload.presign),
    path("api/v1/complete", upload.complete),
    path("admin/", admin.site.urls),
]
