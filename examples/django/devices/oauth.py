"""OAuth 2.0 device authorization (RFC 8628) with refresh (RFC 6749, 6): what the uploader itself asks for."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .models import ASKING, Device, Request

CLIENT_ID = "offload"  # a public client: a secret in a program that everybody has is none
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def sign_in(request):
    """Tells the uploader how it gets a token by itself: a member of session, and of the answer to who has no token."""
    if not settings.DEVICE_SIGN_IN:
        return {}
    begin, token = (request.build_absolute_uri(reverse(name)) for name in ("device_authorization", "token"))
    way = {"device_authorization_endpoint": begin, "token_endpoint": token, "client_id": CLIENT_ID}
    return {"sign_in": {"device": way}}


class Refusal(Exception):
    """An error as RFC 6749, 5.2 has it. Its description is for developers; the uploader goes by the name."""

    def __init__(self, error, description="", status=400):
        self.status, self.members = status, {"error": error}
        if description:
            self.members["error_description"] = description


def endpoint(view):
    """Makes `view(request) -> dict` a Django view. It reads no cookie, so no forged request can use one."""

    @csrf_exempt
    @require_POST
    def respond(request):
        if not settings.DEVICE_SIGN_IN:
            raise Http404
        try:
            if request.POST.get("client_id") != CLIENT_ID:
                raise Refusal("invalid_client", f"client_id is {CLIENT_ID} here", 401)
            answer = JsonResponse(view(request))
        except Refusal as refusal:
            answer = JsonResponse(refusal.members, status=refusal.status)
        answer["Cache-Control"] = "no-store"
        return answer

    return respond


@endpoint
def device_authorization(request):
    asked, device_code = Request.start(request.headers.get("User-Agent", ""))
    if asked is None:
        raise Refusal("temporarily_unavailable", "Too many sign-ins are waiting; try again in some minutes", 503)
    page = request.build_absolute_uri(reverse("device"))
    return {
        "device_code": device_code,
        "user_code": asked.code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?{urlencode({'user_code': asked.code})}",
        "expires_in": int(ASKING.total_seconds()),
        "interval": asked.interval,
    }


@endpoint
def token(request):
    grants = {DEVICE_CODE: by_device_code, "refresh_token": by_refresh_token}
    grant = grants.get(request.POST.get("grant_type"))
    if grant is None:
        raise Refusal("unsupported_grant_type", f"Either {' or '.join(grants)}")
    return grant(request.POST)


def by_device_code(told):
    asked = Request.by_device_code(told.get("device_code", ""))
    if asked is None:
        raise Refusal("invalid_grant", "There is no such device_code")
    if asked.expires_at <= timezone.now():
        raise Refusal("expired_token")
    if asked.polled_too_early():
        raise Refusal("slow_down")
    if asked.state == Request.State.PENDING:
        raise Refusal("authorization_pending")
    if asked.state == Request.State.DENIED:
        raise Refusal("access_denied")
    device = asked.device
    # An answer may be lost, so it is given again; but only to a machine that has not been heard of since.
    if device.seen_at or not device.user.is_active:
        raise Refusal("invalid_grant", "This device_code was used")
    return device.tokens()


def by_refresh_token(told):
    device = Device.refreshed_by(told.get("refresh_token", ""))
    if device is None:
        raise Refusal("invalid_grant", "The refresh token is not valid any more: sign in again")
    return device.tokens()
