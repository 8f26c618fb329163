import hashlib
import logging
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.db import models, transaction
from django.utils import timezone

logger = logging.getLogger(__name__)

ACCESS = timedelta(hours=1)
REFRESH = timedelta(days=90)  # without a sign of life
ASKING = timedelta(minutes=10)  # for a person to find the page and to sign in
KEPT = timedelta(days=1)  # what ran out, so that the machine is told "expired" and not "never heard of it"
INTERVAL = 5  # seconds between two polls
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628, 6.1: no vowels, so no words; no digits that look like letters
# RFC 8628, 5.1: 20^8 codes, at most this many alive, and so many wrong ones from one account.
ALIVE = 1000
WRONG, WRONG_WITHIN = 10, timedelta(minutes=15)


class Device(models.Model):
    """A machine that a person signed in. Deleting it signs the machine out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="upload_devices")
    user_agent = models.CharField("program", max_length=200)
    signed_in_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField("last seen", null=True)  # to five minutes
    expires_at = models.DateTimeField()
    used = models.PositiveIntegerField(
        default=0, editable=False
    )  # the highest number of a refresh token that came back

    class Meta:
        ordering = ["-signed_in_at"]

    def __str__(self):
        return self.user_agent or "unnamed"

    def tokens(self):
        """The members of a token response. Tokens are signed, not kept: who reads the database can't make one.

        The refresh token is the next one by number, and the same as often as it is asked for: a machine that lost the
        answer, or was killed before it saved it, asks with its old token and gets what it missed. The old one ends when
        the new one comes back.
        """
        return {
            "access_token": TimestampSigner(salt="devices.access", sep=".").sign(self.pk.hex),
            "token_type": "Bearer",
            "expires_in": int(ACCESS.total_seconds()),
            "refresh_token": Signer(salt="devices.refresh", sep=".").sign(f"{self.pk.hex}.{self.used + 1}"),
        }

    @classmethod
    def user_of(cls, token):
        """Whose access token this is; None: it is none, ran out, or its device was signed out."""
        try:
            pk = uuid.UUID(TimestampSigner(salt="devices.access", sep=".").unsign(token, max_age=ACCESS))
        except (BadSignature, ValueError):
            return None
        now = timezone.now()
        device = cls.objects.select_related("user").filter(pk=pk, user__is_active=True, expires_at__gt=now).first()
        if device is None:
            return None
        if device.seen_at is None or device.seen_at < now - timedelta(minutes=5):
            cls.objects.filter(pk=pk).update(seen_at=now)
        return device.user

    @classmethod
    def refreshed_by(cls, token):
        """The device whose refresh token this is, None if it is not good any more."""
        try:
            pk, number = Signer(salt="devices.refresh", sep=".").unsign(token).split(".")
        except (BadSignature, ValueError):
            return None
        now = timezone.now()
        with transaction.atomic():
            devices = cls.objects.select_for_update().filter(pk=uuid.UUID(pk), user__is_active=True, expires_at__gt=now)
            device = devices.first()
            if device is None:
                return None
            if int(number) < device.used:
                # Its successor was in use: there are two copies. Which one was stolen nobody knows (RFC 9700, 4.14.2).
                logger.warning("a refresh token of %s came a second time; the device is signed out", device.user)
                device.delete()
                return None
            device.used, device.seen_at, device.expires_at = int(number), now, now + REFRESH
            device.save()
        return device


class Request(models.Model):
    """A machine that asks to be signed in. It polls by its device code; a person finds it by the short user code."""

    class State(models.TextChoices):
        PENDING = "pending"
        DENIED = "denied"
        APPROVED = "approved"

    device_digest = models.CharField(max_length=64, unique=True)
    user_code = models.CharField(max_length=8, unique=True)
    user_agent = models.CharField(max_length=200)
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    interval = models.PositiveSmallIntegerField(default=INTERVAL)
    polled_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)  # who decided
    device = models.OneToOneField(Device, on_delete=models.CASCADE, null=True)  # from approval on

    @classmethod
    def start(cls, user_agent):
        """The request and its device code, which is nowhere to be had again; None: too many are alive."""
        now = timezone.now()
        cls.objects.filter(expires_at__lt=now - KEPT).delete()
        Device.objects.filter(expires_at__lt=now).delete()
        if cls.objects.filter(state=cls.State.PENDING, expires_at__gt=now).count() >= ALIVE:
            return None, ""
        code = new_code()
        while cls.objects.filter(user_code=code).exists():
            code = new_code()
        device_code = secrets.token_urlsafe(32)
        told = {"user_agent": user_agent[:200], "expires_at": now + ASKING, "user_code": code}
        return cls.objects.create(device_digest=digest_of(device_code), **told), device_code

    @classmethod
    def by_device_code(cls, device_code):
        return cls.objects.select_related("device__user").filter(device_digest=digest_of(device_code)).first()

    def decide(self, user, approve):
        """Whether it was still to be decided."""
        with transaction.atomic():
            pending = Request.objects.filter(pk=self.pk, state=self.State.PENDING, expires_at__gt=timezone.now())
            if not pending.update(state=self.State.APPROVED if approve else self.State.DENIED, user=user):
                return False
            if approve:
                lasts = timezone.now() + REFRESH
                device = Device.objects.create(user=user, user_agent=self.user_agent, expires_at=lasts)
                Request.objects.filter(pk=self.pk).update(device=device)
        return True

    def polled_too_early(self):
        """Whether the machine did not wait its interval, which is then longer by five seconds (RFC 8628, 3.5)."""
        now, waits = timezone.now(), timedelta(seconds=self.interval - 1)  # one second for an uneven network
        early = self.polled_at is not None and now - self.polled_at < waits
        self.polled_at, self.interval = now, min(self.interval + 5 * early, 60)
        self.save(update_fields=["polled_at", "interval"])
        return early

    @property
    def code(self):
        return f"{self.user_code[:4]}-{self.user_code[4:]}"


class WrongCode(models.Model):
    """That an account typed a user code that is none."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    @classmethod
    def count(cls, user):
        cls.objects.filter(at__lt=timezone.now() - WRONG_WITHIN).delete()
        return cls.objects.filter(user=user).count()


def new_code():
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def digest_of(device_code):
    return hashlib.sha256(device_code.encode(errors="replace")).hexdigest()
