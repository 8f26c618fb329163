"""The wire format of protocol v1: requests, errors, and what a client may say of a file."""

import json
import logging
import math
import re
import time
import uuid
from datetime import timezone
from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import JsonResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt

from devices.models import Device
from devices.oauth import sign_in

from .models import Token

logger = logging.getLogger(__name__)

# The uploader waits 30 seconds. What is not answered by then is asked again.
ANSWER_WITHIN = 20


class Problem(Exception):
    """An error, of a request or of one file. Title and detail are shown to the photographer."""

    def __init__(self, status, name, title, detail="", **more):
        self.status = status
        self.members = {"type": f"https://offload.example/problems/{name}", "title": title, "status": status, **more}
        if detail:
            self.members["detail"] = detail


def endpoint(method):
    """Makes `view(user, request) -> dict` a Django view: its method, its token, its errors as JSON."""

    def decorate(view):
        # A browser attaches cookies to forged requests by itself, but never a bearer token: nothing to protect here.
        @csrf_exempt
        @wraps(view)
        def respond(request):
            try:
                if request.method != method:
                    raise Problem(405, "method", f"Only {method} is answered here")
                return JsonResponse(view(user_of(request), request))
            except Problem as problem:
                headers = {401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": method}}.get(problem.status)
                kind = "application/problem+json"
                return JsonResponse(problem.members, status=problem.status, content_type=kind, headers=headers)

        return respond

    return decorate


def file_by_file(view):
    """Makes `view(user, file) -> dict` an endpoint for many files; an error of one does not fail the others."""

    @endpoint("POST")
    @wraps(view)
    def respond(user, request):
        too_late = time.monotonic() + ANSWER_WITHIN
        return {"files": [{"file_id": file["file_id"], **answer(user, file, too_late)} for file in files_of(request)]}

    def answer(user, file, too_late):
        try:
            if time.monotonic() > too_late:
                raise Problem(503, "busy", "The server is slow at the moment", "This is tried again.")
            return view(user, file)
        except Problem as problem:
            return {"error": problem.members}
        except Exception:
            logger.exception("a file could not be handled")
            return {"error": Problem(500, "internal", "Internal error").members}

    return respond


def user_of(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    user = Token.user_of(token) or Device.user_of(token)  # pasted by a person, or got by the uploader itself
    if user is None:
        raise Problem(401, "signed-out", "Not signed in", "The token is missing or is not valid.", **sign_in(request))
    return user


def files_of(request):
    try:
        files = json.loads(request.body)["files"]
    except RequestDataTooBig:
        raise Problem(413, "too-large", "The request is too large") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Problem(400, "malformed", "Malformed request", "Expected JSON with a member files.") from None
    if not isinstance(files, list) or not all(isinstance(f, dict) and isinstance(f.get("file_id"), str) for f in files):
        raise Problem(400, "malformed", "Malformed request", "Every file needs a file_id.")
    if len(files) > settings.UPLOAD_FILES_PER_REQUEST:
        raise Problem(413, "too-many", "Too many files", f"At most {settings.UPLOAD_FILES_PER_REQUEST} in one request.")
    return files


def announced(file):
    """The columns of a Photo that presign tells, or the Problem why it can't be taken."""
    size, sha256, content_type = file.get("size"), file.get("sha256"), file.get("content_type")
    if type(size) is not int or size < 0:
        raise Problem(422, "malformed-file", "The file's size is missing")
    if size > settings.UPLOAD_MAX_FILE_SIZE:
        raise Problem(413, "too-large", "The file is too large", f"At most {settings.UPLOAD_MAX_FILE_SIZE} bytes.")
    if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256):
        raise Problem(422, "bad-sha256", "sha256 is not a SHA-256", "Expected 64 lower-case hex digits.")
    if not isinstance(content_type, str) or not re.fullmatch(r"[\x20-\x7e]{1,255}", content_type):
        raise Problem(422, "bad-content-type", "content_type is not a media type", "Expected visible ASCII.")
    columns = {"path": text(file, "path"), "filename": text(file, "filename"), "source": text(file, "source")}
    if not columns["path"] or not columns["filename"]:
        raise Problem(422, "bad-path", "The file has no name")
    modified, supersedes = moment(file.get("modified_at")), file.get("supersedes")
    return {
        **columns, "size": size, "sha256": sha256, "content_type": content_type,
        "modified_at": modified if modified and modified.tzinfo else None,
        "supersedes": None if supersedes is None else file_id_of(file, "supersedes"),
    }  # fmt: skip


def file_id_of(file, member="file_id"):
    """A UUID in its one spelling, so that two spellings never mean two rows."""
    try:
        file_id = uuid.UUID(file[member])
        if str(file_id) == file[member]:
            return file_id
    except (ValueError, TypeError, AttributeError):
        pass
    raise Problem(422, "bad-file-id", f"{member} is not a UUID", "Expected lower-case hex digits with hyphens.")


def described(media):
    """The columns of a Photo that `media` tells. It only describes: what can't be read is left out, never refused."""
    media = media if isinstance(media, dict) else {}
    gps = media.get("gps") if isinstance(media.get("gps"), dict) else {}
    captured = moment(media.get("captured_at"))
    return {
        "captured_at": text(media, "captured_at")[:40] if captured else "",
        "captured_on": captured and captured.date(),
        **{name: text(media, name)[:255] for name in ("make", "model", "lens")},
        **{name: number(media, name, 0, 2**31 - 1, int) for name in ("width", "height", "duration_ms")},
        "orientation": number(media, "orientation", 1, 8, int),
        "latitude": number(gps, "latitude", -90, 90),
        "longitude": number(gps, "longitude", -180, 180),
        "altitude": number(gps, "altitude", -1e6, 1e6),
    }


def text(members, name):
    """Text that any database takes: PostgreSQL has no NUL, and UTF-8 has no half of a surrogate pair."""
    value = members.get(name)
    return re.sub("[\0\ud800-\udfff]", "\ufffd", value) if isinstance(value, str) else ""


def number(members, name, least, most, kind=float):
    value = members.get(name)
    good = type(value) in (int, kind) and math.isfinite(value) and least <= value <= most
    return value if good else None


def moment(value):
    """A datetime, naive where no offset is told; None where it is none, or none that can be kept in UTC."""
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
        if found and found.tzinfo:
            found.astimezone(timezone.utc)
        return found
    except (ValueError, OverflowError):
        return None
