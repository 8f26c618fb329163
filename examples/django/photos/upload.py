"""What Offload asks of a backend: who am I, a form for each file, what arrived. The bytes never come through here."""

from django.conf import settings
from django.utils import timezone

from .events import still_waiting, told_by_s3
from .keys import object_key
from .models import Photo
from .storage import base64_of, is_same, look_up, s3
from .wire import Problem, announced, described, endpoint, file_by_file, file_id_of, sign_in


@endpoint("GET")
def session(user, request):
    limits = {"files_per_request": settings.UPLOAD_FILES_PER_REQUEST, "max_file_size": settings.UPLOAD_MAX_FILE_SIZE}
    told = {"account": user.get_username(), "protocol": 1, "limits": limits, "server_time": timezone.now()}
    return {**told, **sign_in(request)}


@file_by_file
def presign(user, file):
    file_id, told = file_id_of(file), announced(file)
    new = {**told, "key": object_key(user, file_id, told["filename"])}
    photo, created = Photo.objects.get_or_create(owner=user, file_id=file_id, defaults=new)
    if photo.state == Photo.State.CONFIRMED:
        if (photo.sha256, photo.size) != (told["sha256"], told["size"]):
            raise Problem(409, "other-bytes", "This file was confirmed with other bytes")
        return {"upload": {"method": "SKIP", "key": photo.key}}
    if not created:  # The key stays; the file may have changed before it was sent.
        Photo.objects.filter(pk=photo.pk, state=photo.state).update(**told, seen=None, asked_at=None)
    fields = {
        "Content-Type": told["content_type"],
        "success_action_status": "201",
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": base64_of(told["sha256"]),
    }
    conditions = [{name: value} for name, value in fields.items()]  # boto3 adds those for bucket and key
    conditions.append(["content-length-range", told["size"], told["size"]])
    seconds = settings.UPLOAD_FORM_SECONDS
    form = s3().generate_presigned_post(settings.S3_BUCKET, photo.key, fields, conditions, seconds)
    return {"upload": {"method": "POST", **form, "key": photo.key, "expires_in": seconds}}


@file_by_file
def complete(user, file):
    photo = Photo.objects.filter(owner=user, file_id=file_id_of(file)).first()
    if photo is None:
        raise Problem(404, "unknown-file", "This file was never presigned")
    if file.get("key") != photo.key:
        raise Problem(422, "other-key", "This key belongs to another file")
    if (file.get("sha256"), file.get("size")) != (photo.sha256, photo.size):
        raise Problem(409, "other-bytes", "These are other bytes than were announced")
    same_bytes = Photo.objects.filter(pk=photo.pk, sha256=photo.sha256, size=photo.size)
    seen = told_by_s3(photo) if settings.S3_EVENTS else look_up(photo.key)
    if seen is None and settings.S3_EVENTS:
        return still_waiting(same_bytes)
    if not seen or not is_same(photo, seen, file.get("etag")):
        # So that presign gives a form, not a SKIP.
        same_bytes.update(state=Photo.State.SIGNED, confirmed_at=None, etag="")
        raise Problem(409, "not-in-bucket", "The file is not in the bucket as described")
    in_s3 = {"etag": seen["ETag"].strip('"'), "checksum_sha256": seen.get("ChecksumSHA256", "")}
    confirmed = {"state": Photo.State.CONFIRMED, "confirmed_at": photo.confirmed_at or timezone.now()}
    return {"confirmed": same_bytes.update(**confirmed, **in_s3, **described(file.get("media"))) == 1}
