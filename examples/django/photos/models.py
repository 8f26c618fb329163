import hashlib
import secrets

from django.conf import settings
from django.db import models


class Photo(models.Model):
    """One version of one file, as the uploader told of it. The bytes are in S3 under `key`."""

    class State(models.TextChoices):
        SIGNED = "signed"  # a form was given; whether the bytes came is not known
        CONFIRMED = "confirmed"  # the bytes were seen in S3

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="photos")
    file_id = models.UUIDField()
    key = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.SIGNED)
    signed_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)

    # From presign
    filename = models.TextField()
    path = models.TextField()
    source = models.TextField(blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=255)
    modified_at = models.DateTimeField(null=True)
    supersedes = models.UUIDField(null=True)  # the owner's earlier version, by its file_id

    # From S3
    etag = models.CharField(max_length=255, blank=True)
    checksum_sha256 = models.CharField(max_length=64, blank=True)  # base64; empty where S3 keeps none

    # From S3's events, where they are used
    seen = models.JSONField(null=True)  # HEAD after an event; empty: nothing was there, null: no event came yet
    looked_at = models.DateTimeField(null=True)
    sequencer = models.CharField(max_length=255, blank=True)  # of the event that made us look
    asked_at = models.DateTimeField(null=True)  # since when the uploader waits for it

    # From complete, what the file says of itself
    captured_at = models.CharField(max_length=40, blank=True)  # as told: often local time without an offset
    captured_on = models.DateField(null=True)  # the day where it was taken
    make = models.CharField(max_length=255, blank=True)
    model = models.CharField(max_length=255, blank=True)
    lens = models.CharField(max_length=255, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    orientation = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveBigIntegerField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    altitude = models.FloatField(null=True)

    class Meta:
        ordering = ["-signed_at", "-pk"]
        indexes = [models.Index(fields=["-signed_at", "-id"], name="newest_first")]
        constraints = [models.UniqueConstraint(fields=["owner", "file_id"], name="one_row_per_file")]

    def __str__(self):
        return self.filename


class Token(models.Model):
    """What the uploader signs in with. Only its digest is kept: who reads the database can't sign in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="upload_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.label or f"token {self.pk}"

    @classmethod
    def create_for(cls, user, label=""):
        """The new token itself, which is nowhere to be had again."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(user=user, label=label, digest=cls.digest_of(token))
        return token

    @classmethod
    def user_of(cls, token):
        """Found by digest, so the time it takes tells nothing of the token. None: no such token."""
        found = cls.objects.select_related("user").filter(digest=cls.digest_of(token), user__is_active=True).first()
        return found and found.user

    @staticmethod
    def digest_of(token):
        # 256 random bits can't be guessed, so no slow password hash is needed.
        return hashlib.sha256(token.encode(errors="replace")).hexdigest()
