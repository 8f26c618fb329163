from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Warning, register


class PhotosConfig(AppConfig):
    name = "photos"


@register
def bucket_is_set(app_configs, **kwargs):
    if settings.S3_BUCKET:
        return []
    hint = "See the README for S3_BUCKET, S3_REGION and the keys."
    return [Warning("S3_BUCKET is not set: nothing can be signed.", hint=hint, id="photos.W001")]
