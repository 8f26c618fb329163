from django.contrib import admin

from .models import Device


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    """Deleting a device signs it out, at once. Only the person at the machine can sign it in again."""

    list_display = ["user_agent", "user", "signed_in_at", "seen_at", "expires_at"]
    list_filter = ["user"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user_agent"]
    fields = readonly_fields = ["id", "user", "user_agent", "signed_in_at", "seen_at", "expires_at"]

    def has_add_permission(self, request):
        return False
