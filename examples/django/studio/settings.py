"""Settings, all from the environment. With none of them this is a development server that answers to loopback names alone."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

DEVELOPMENT_KEY = "for development only: set DJANGO_SECRET_KEY"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or DEVELOPMENT_KEY
# A key of its own makes it production. In development Django takes requests for localhost and 127.0.0.1 only.
DEBUG = SECRET_KEY == DEVELOPMENT_KEY
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split()
CSRF_TRUSTED_ORIGINS = os.environ.get("DJANGO_CSRF_TRUSTED_ORIGINS", "").split()
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG

# boto3 itself reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or asks the machine's role.
S3_BUCKET = os.environ.get("S3_BUCKET", "")
S3_REGION = os.environ.get("S3_REGION", "us-east-1")
S3_ENDPOINT = os.environ.get("S3_ENDPOINT") or None  # None is AWS
S3_ADDRESSING = os.environ.get("S3_ADDRESSING", "virtual")  # "path" for S3 servers without a name for each bucket
S3_ASCII_KEYS = os.environ.get("S3_ASCII_KEYS") == "1"  # for Ceph RGW 16, which refuses others in boto3's policies

# 1: complete waits for S3's event instead of asking S3, see photos/events.py.
S3_EVENTS = os.environ.get("S3_EVENTS") == "1"
S3_EVENTS_SECRET = os.environ.get("S3_EVENTS_SECRET", "")  # what a webhook must bring; without it none is taken
S3_EVENTS_QUEUE = os.environ.get("S3_EVENTS_QUEUE", "")  # the URL of an SQS queue, for receive_s3_events

UPLOAD_FORM_SECONDS = 600
UPLOAD_FILES_PER_REQUEST = 50
UPLOAD_MAX_FILE_SIZE = int(os.environ.get("UPLOAD_MAX_FILE_SIZE", 5 * 1024**3))  # S3 takes 5 GiB in one POST
UPLOAD_ASK_AGAIN_SECONDS = 5  # while S3's event has not come
# 50 files with the longest paths there are make 1.1 MB. Raise it together with UPLOAD_FILES_PER_REQUEST.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

DEVICE_SIGN_IN = os.environ.get("DEVICE_SIGN_IN", "1") == "1"  # the uploader signs in by itself, see devices/oauth.py
# Only behind a front server that sets this header itself: without it the addresses told would begin with http://.
if os.environ.get("DJANGO_BEHIND_HTTPS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "photos",
    "devices",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DJANGO_SQLITE", BASE_DIR / "db.sqlite3"),
        # Requests come several at a time, and SQLite lets one write: wait for it instead of failing.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
USE_TZ = True
TIME_ZONE = os.environ.get("DJANGO_TIME_ZONE", "UTC")
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
