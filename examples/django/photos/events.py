"""S3's event notifications, so that S3 is not asked while a photographer waits. Each is a reason to look, no more."""

import json
import logging
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .models import Photo
from .storage import is_same, look_up
from .wire import Problem

logger = logging.getLogger(__name__)


def told_by_s3(photo):
    """What S3 has under a photo's key, from its events; empty: nothing, None: no event came yet."""
    if photo.seen is None and photo.state == Photo.State.CONFIRMED:  # before events were switched on
        return look_up(photo.key) or {}
    return photo.seen


def still_waiting(photos):
    """The entry for a photo whose event has not come: the uploader asks again."""
    photos.filter(asked_at=None).update(asked_at=timezone.now())
    return {"confirmed": False, "pending": True, "ask_again_in": settings.UPLOAD_ASK_AGAIN_SECONDS}


@csrf_exempt
@require_POST
def receive(request, secret=""):
    """Where S3 servers send events over HTTP. What is not answered with 2xx they send again."""
    secret = secret or request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.S3_EVENTS_SECRET or not constant_time_compare(secret, settings.S3_EVENTS_SECRET):
        return HttpResponse(status=403)
    try:
        take(json.loads(request.body))
    except RequestDataTooBig:
        return HttpResponse(status=413)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    except Problem:  # S3 could not be asked
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    return HttpResponse(status=204)


def take(message):
    """Looks at every object that a message names. A Problem: not done, the message has to come again."""
    for key, sequencer in objects_of(message):
        # AWS encodes keys as forms do, Ceph RGW 16 does not. A photo's id is in its key, so no other photo has either.
        names = {key, unquote_plus(key)}
        if not look(names, sequencer):
            logger.info("an event for a key that no photo has: %.300r", key)


def objects_of(message):
    """Keys, with the event's sequencer, of our bucket's objects in the JSON that S3 sends; other JSON names none."""
    records = message.get("Records") if isinstance(message, dict) else None
    for record in records if isinstance(records, list) else []:
        try:
            name, bucket = record["eventName"].removeprefix("s3:"), record["s3"]["bucket"]["name"]
            key, sequencer = record["s3"]["object"]["key"], record["s3"]["object"].get("sequencer", "")
            is_text = isinstance(key, str) and isinstance(sequencer, str)
        except (KeyError, TypeError, AttributeError):
            is_text = False
        if not is_text:
            logger.warning("an event that can't be read was left out")
        elif bucket != settings.S3_BUCKET:
            logger.warning("an event of another bucket was left out: %.100r", bucket)
        elif name.startswith(("ObjectCreated:", "ObjectRemoved:")):
            yield key, sequencer[:255]


def look(names, sequencer=""):
    """Keeps what S3 has under a photo's key now, whatever the event said; so their order is of no matter.

    False: there is no such photo.
    Sequencers are compared for being the same only. Ceph RGW 16 writes theirs with the lowest byte first.
    """
    while photo := Photo.objects.filter(key__in=names).first():
        if sequencer and sequencer == photo.sequencer and photo.seen is not None:
            return True  # delivered twice
        head = look_up(photo.key) or {}
        seen = {name: head[name] for name in ("ContentLength", "ETag", "ChecksumSHA256") if name in head}
        now = {"seen": seen, "looked_at": timezone.now(), "sequencer": sequencer, "asked_at": None}
        if photo.state == Photo.State.CONFIRMED and not (seen and is_same(photo, seen, None)):
            now |= {"state": Photo.State.SIGNED, "confirmed_at": None, "etag": ""}  # so that presign gives a form
        # Someone else may have looked meanwhile, and later than we.
        if Photo.objects.filter(pk=photo.pk, looked_at=photo.looked_at, state=photo.state).update(**now):
            return True
    return False
