"""What a person sees in the browser: sign in, compare the code, approve or deny. No script, nothing from elsewhere."""

import re
import secrets
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, logout_then_login
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from .models import WRONG, Request, WrongCode


def page(view):
    """Makes a view one of these pages: switched off with the rest, in no cache, and held to what it is made of."""

    @wraps(view)
    def respond(request, *args, **kwargs):
        if not settings.DEVICE_SIGN_IN:
            raise Http404
        request.style_nonce = secrets.token_urlsafe(16)
        answer = view(request, *args, **kwargs)
        policy = f"default-src 'none'; style-src 'nonce-{request.style_nonce}'; form-action 'self'"
        answer["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'; base-uri 'none'"
        return answer

    return never_cache(respond)


login = page(LoginView.as_view(template_name="devices/login.html"))


@page
@require_POST
def other_account(request):
    """Signs out here and leads back to the same code, for another account."""
    back = f"{reverse('device')}?{urlencode({'user_code': request.POST.get('user_code', '')})}"
    return logout_then_login(request, f"{reverse('device_login')}?{urlencode({'next': back})}")


@page
@require_http_methods(["GET", "POST"])
@login_required(login_url="device_login")
def device(request):
    typed = (request.POST if request.method == "POST" else request.GET).get("user_code", "")
    if not typed:
        return render(request, "devices/enter.html")
    if WrongCode.count(request.user) >= WRONG:
        return render(request, "devices/enter.html", {"too_many": True}, status=429)
    asked = Request.objects.filter(user_code=letters_of(typed)).first()
    if asked and asked.user == request.user:  # the page was loaded again
        return render(request, "devices/done.html", {"asked": asked})
    if asked is None or asked.state != Request.State.PENDING or asked.expires_at <= timezone.now():
        WrongCode.objects.create(user=request.user)
        return render(request, "devices/enter.html", {"wrong": True, "typed": typed[:20]}, status=404)
    decision = request.POST.get("decision")
    if decision not in ("approve", "deny"):
        return render(request, "devices/confirm.html", {"asked": asked})
    if not asked.decide(request.user, decision == "approve"):
        return render(request, "devices/enter.html", {"wrong": True}, status=404)
    asked.refresh_from_db()
    return render(request, "devices/done.html", {"asked": asked})


def letters_of(typed):
    """A user code as a person may type it: with or without the hyphen, in any case."""
    return re.sub("[^A-Z]", "", typed.upper())[:20]
