"""Settings of the measured site: what `startproject` gives, every peer installed, one middleware of them active."""

from __future__ import annotations

import os
from pathlib import Path

import environ

from benchmarks.site.variants import ALL

FOLDER = Path(os.environ["BENCH_FOLDER"])
VARIANT = ALL[os.environ.get("BENCH_VARIANT", "untracked")]
BASE_DIR = FOLDER
SECRET_KEY = "only for measuring, on loopback"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "benchmarks.site.urls"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "visitors",
    "request",
    "tracking",
    "benchmarks.site.apps.SiteConfig",
]

PLAIN_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
MIDDLEWARE = [*PLAIN_MIDDLEWARE, *filter(None, [VARIANT.middleware])]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": environ.Env.db_url_config(os.environ["BENCH_DATABASE_URL"])}
if "BENCH_AS_INSTALLED" not in os.environ:
    # A connection that stays open is the peers' best case: they pay for none in the request.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        DATABASES["default"]["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        }

VISITORS = {
    "JOURNAL_DIR": FOLDER / "journal",
    "JOURNAL_MAX_BYTES": 1024**3,
    "RECORDING": VARIANT.recording,
    "MAX_NEW_SESSIONS_PER_MINUTE": 0,  # every request is a new visitor
}

# Without it django-tracking2 keeps visitors but no page views.
TRACK_PAGEVIEWS = True
TRACK_REFERER = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
}
