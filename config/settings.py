"""Settings of the site: embedded defaults for one machine, servers and production by environment variables.

Anything misspelt or malformed stops the start; nothing falls back silently.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from config.mail import PORTS, mail_settings
from config.security import security_settings
from visitors.conf import from_environment, strict_bool

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()


def read(name: str, cast: Callable[[str], Any], default: Any) -> Any:
    """The variable through `cast`; a value that does not parse is an error that names it."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return cast(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"`{name}` must be {error}, not {raw!r}.") from error


def required(name: str, hint: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"`{name}` must be set when DEBUG is off. {hint} On your own machine: DEBUG=1.")
    return value


def comma_list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def origins(value: str) -> list[str]:
    parts = comma_list(value)
    if not all(urlsplit(part).scheme in {"http", "https"} and urlsplit(part).netloc for part in parts):
        raise ValueError("a comma-separated list of origins such as https://example.com")
    return parts


def server_url(*schemes: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError(f"a URL that begins with {' or '.join(f'{scheme}:' for scheme in schemes)}")
        return value

    return check


def development_key() -> str:
    """A key of this checkout's own, made once: not even a development site has a known one."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


VAR_DIR.mkdir(exist_ok=True)
DEBUG: bool = read("DEBUG", strict_bool, False)

if DEBUG:
    SECRET_KEY = os.environ.get("SECRET_KEY", "").strip() or development_key()
    ALLOWED_HOSTS = read("ALLOWED_HOSTS", comma_list, ["localhost", "127.0.0.1", "[::1]", "testserver"])
else:
    SECRET_KEY = required("SECRET_KEY", 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"')
    ALLOWED_HOSTS = comma_list(required("ALLOWED_HOSTS", "Give the site's host names, separated by commas."))

CSRF_TRUSTED_ORIGINS = read("CSRF_TRUSTED_ORIGINS", origins, [])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "visitors",
    "portfolio",
    "api",
]

MIDDLEWARE = [
    "config.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.bodies.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "visitors.middleware.VisitorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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

DATABASE_URL = read("DATABASE_URL", server_url("postgres", "postgresql", "sqlite"), "")
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "site.sqlite3"}}
_database: dict[str, Any] = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        # What is deleted is overwritten, whatever this SQLite was built with: a day's secret is destroyed by it.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
    }
else:
    _database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 8, "timeout": 5}, "connect_timeout": 3}
    _database["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = read("REDIS_URL", server_url("redis", "rediss", "unix"), "")
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "portfolio",
            "OPTIONS": {
                "CONNECTION_POOL_CLASS": "config.caching.PatientPool",
                "IGNORE_EXCEPTIONS": True,
                "SOCKET_CONNECT_TIMEOUT": 0.03,
                "SOCKET_TIMEOUT": 0.03,
            },
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

globals().update(mail_settings(read("EMAIL_URL", server_url(*PORTS), "" if DEBUG else "smtp://localhost")))
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "").strip() or "webmaster@localhost"

SESSION_ENGINE = "django.contrib.sessions.backends.db"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = os.environ.get("TIME_ZONE", "").strip() or "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# In development files are found where they are; a missing staticfiles folder is no fault then.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

globals().update(
    security_settings(
        debug=DEBUG,
        redirects=not DEBUG and read("SECURE_SSL_REDIRECT", strict_bool, True),
        behind_tls_proxy=read("BEHIND_TLS_PROXY", strict_bool, False),
    )
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "visitors.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["visitors.permissions.IsOwner"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
    "EXCEPTION_HANDLER": "api.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Portfolio and visitor analytics",
    "DESCRIPTION": "What the site offers to visitors, and what its owner can ask about them.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "visitors.schema_rules.publish"],
    "ENUM_NAME_OVERRIDES": {"ApplicationStatusEnum": "visitors.applications.models.Status"},
}

VISITORS: dict[str, Any] = {
    "JOURNAL_DIR": VAR_DIR / "journal",
    "PAGES_CARRY_TRACKER": True,  # templates/base.html includes it
    "OWNER_PANELS": ["portfolio.panels.unanswered_questions"],
} | from_environment(os.environ)

DEFAULT_EXCEPTION_REPORTER = "visitors.privacy.error_reports.PrivateReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "visitors.privacy.error_reports.PrivateReporterFilter"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "visitors.privacy.error_reports.PrivateFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "").strip().upper() or "INFO"},
}
