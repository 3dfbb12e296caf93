"""The site's own settings, with pages that need no database and a clock that a test can set."""

from __future__ import annotations

import os
from pathlib import Path

from config.settings import *  # noqa: F403
from visitors import identity

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "visitors",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "visitors.middleware.VisitorMiddleware",
]
ROOT_URLCONF = os.environ.get("FAULTS_URLCONF", "tests.faults.site.urls")
WSGI_APPLICATION = "tests.faults.site.wsgi.application"
ASGI_APPLICATION = "tests.faults.site.asgi.application"
STATIC_URL = "/static/"
# The site's own panels are about its own models; a load from one address is to be answered.
VISITORS = VISITORS | {"OWNER_PANELS": (), "LIMITS": {"visitor": "100000/min"}}  # noqa: F405

_clock = Path(os.environ["CLOCK_FILE"]) if "CLOCK_FILE" in os.environ else None
_true_now_ms = identity.now_ms


def _shifted_now_ms() -> int:
    """The time that the file says: milliseconds ahead of the true one."""
    assert _clock
    return _true_now_ms() + int(_clock.read_text() or 0)


if _clock:
    identity.now_ms = _shifted_now_ms
