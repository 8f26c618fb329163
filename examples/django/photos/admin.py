from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html

from .models import Photo, Token
from .storage import link_to

SHOWN_BY_BROWSERS = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}
LINK_SECONDS = 300


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin):
    list_display = ["thumbnail", "name", "owner", "state", "captured", "camera", "pixels", "bytes", "source"]
    list_display_links = ["thumbnail", "name"]
    list_filter = ["state", "owner", "content_type", "make", "captured_on", "signed_at"]
    list_select_related = ["owner"]
    list_per_page = 25  # every thumbnail is the whole photo, made small by the browser
    show_full_result_count = False
    search_fields = ["filename", "path", "source", "key", "sha256", "make", "model", "owner__username"]

    def get_readonly_fields(self, request, photo=None):
        return ["thumbnail", *(field.name for field in Photo._meta.fields), "earlier_version"]

    @admin.display(description="photo")
    def thumbnail(self, photo):
        if photo.state != Photo.State.CONFIRMED or photo.content_type not in SHOWN_BY_BROWSERS:
            return "–"
        picture = '<img src="{}" alt="" width="96" loading="lazy" referrerpolicy="no-referrer">'
        return format_html(picture, link_to(photo.key, LINK_SECONDS))

    @admin.display(description="file", ordering="filename")
    def name(self, photo):
        # The name comes from outside: format_html makes no markup of it, bdi keeps its reading direction to itself.
        return format_html('<bdi title="{}">{}</bdi>', photo.path, photo.filename)

    @admin.display(ordering="captured_at")
    def captured(self, photo):
        return photo.captured_at.replace("T", " ")

    @admin.display(ordering="model")
    def camera(self, photo):
        known = photo.model.startswith(photo.make)  # "Canon", "Canon EOS 5D"
        return photo.model if known else f"{photo.make} {photo.model}".strip()

    @admin.display(ordering="width")
    def pixels(self, photo):
        return f"{photo.width}\u00a0×\u00a0{photo.height}" if photo.width and photo.height else ""

    @admin.display(description="size", ordering="size")
    def bytes(self, photo):
        return filesizeformat(photo.size)

    @admin.display
    def earlier_version(self, photo):
        if photo.supersedes is None:
            return "–"
        return Photo.objects.filter(owner=photo.owner, file_id=photo.supersedes).first() or "–"

    # Rows come from the uploader alone. A row deleted here would leave an object that nothing names.
    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, photo=None):
        return False


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):
    """Deleting a token revokes it; `manage.py create_token` makes one."""

    list_display = ["__str__", "user", "created_at"]
    fields = readonly_fields = ["user", "label", "created_at"]

    def has_add_permission(self, request):
        return False
