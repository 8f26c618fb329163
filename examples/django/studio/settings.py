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

UPLOAD_FORM_SECONDS = 600
UPLOAD_FILES_PER_REQUEST = 50
UPLOAD_MAX_FILE_SIZE = int(os.environ.get("UPLOAD_MAX_FILE_SIZE", 5 * 1024**3))  # S3 takes 5 GiB in one POST
# 50 files with the longest paths there are make 1.1 MB. Raise it together with UPLOAD_FILES_PER_REQUEST.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "photos",
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
