"""The environment decides the settings; what is misspelt or missing stops the start with a word about it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = {"SECRET_KEY": "k" * 60 + "0123456789abcdefABC", "ALLOWED_HOSTS": "example.com"}


def start(code: str = "print(settings.DEBUG)", **environ: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, with nothing but these variables."""
    program = f"from django.conf import settings; settings.DEBUG; {code}"
    variables = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **environ}
    return subprocess.run(
        [sys.executable, "-c", program], env=variables, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({}, "`SECRET_KEY` must be set when DEBUG is off."),
        ({"SECRET_KEY": "x" * 60}, "`ALLOWED_HOSTS` must be set when DEBUG is off."),
        ({"DEBUG": "ture"}, "`DEBUG` must be one of 1, true, yes, on, 0, false, no, off, not 'ture'."),
        ({**PRODUCTION, "DATABASE_URL": "mysql://x/y"}, "`DATABASE_URL` must be a URL that begins with postgres:"),
        ({**PRODUCTION, "REDIS_URL": "localhost:6379"}, "`REDIS_URL` must be a URL that begins with redis:"),
        ({**PRODUCTION, "CSRF_TRUSTED_ORIGINS": "example.com"}, "`CSRF_TRUSTED_ORIGINS` must be a comma-separated"),
        ({**PRODUCTION, "VISITORS_RECORDNG": "immediate"}, "`VISITORS_RECORDNG` is no setting of visitors."),
        ({**PRODUCTION, "VISITORS_RECORDING": "instant"}, "`VISITORS_RECORDING` must be one of background, immediate"),
        ({**PRODUCTION, "VISITORS_DRAIN_BATCH": "many"}, "`VISITORS_DRAIN_BATCH` must be a whole number, not 'many'."),
        ({**PRODUCTION, "VISITORS_TRUSTED_PROXIES": "10.0.0.0/99"}, "`VISITORS_TRUSTED_PROXIES` must be"),
        ({**PRODUCTION, "VISITORS_NETWORK_KINDS": "[]"}, "`VISITORS_NETWORK_KINDS` must be a JSON object"),
    ],
)
def test_a_missing_misspelt_or_malformed_value_stops_the_start(environ: dict[str, str], complaint: str) -> None:
    result = start(**environ)
    assert result.returncode != 0
    assert complaint in result.stderr


def test_a_command_says_what_is_missing_without_a_traceback() -> None:
    command = [sys.executable, "manage.py", "visitors_status"]
    variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert result.stderr.startswith("manage.py: `SECRET_KEY` must be set when DEBUG is off.")
    assert result.stderr.endswith("On your own machine: DEBUG=1.\n")


def test_production_is_production() -> None:
    """Known elsewhere: a settings module that shadowed a package left DEBUG on and SQLite in use."""
    result = start(
        "print(settings.DEBUG, settings.DATABASES['default']['ENGINE'], settings.SESSION_COOKIE_SECURE, "
        "settings.SESSION_ENGINE, settings.CACHES['default']['BACKEND'])",
        **PRODUCTION,
        DATABASE_URL="postgres://u:p@127.0.0.1:1/site",
        REDIS_URL="redis://127.0.0.1:1/0",
    )
    assert result.stdout.split() == [
        "False",
        "django.db.backends.postgresql",
        "True",
        "django.contrib.sessions.backends.db",
        "django_redis.cache.RedisCache",
    ]


def test_the_embedded_defaults_need_no_server() -> None:
    result = start(
        "print(settings.DATABASES['default']['ENGINE'], settings.DATABASES['default']['OPTIONS']['transaction_mode'], "
        "settings.CACHES['default']['BACKEND'])",
        DEBUG="1",
    )
    assert result.stdout.split() == [
        "django.db.backends.sqlite3",
        "IMMEDIATE",
        "django.core.cache.backends.locmem.LocMemCache",
    ]


def test_no_secret_key_stands_in_the_code() -> None:
    keys = {start("print(settings.SECRET_KEY)", DEBUG="1").stdout for _ in range(2)}
    assert len(keys) == 1
    assert keys.pop().strip() not in (ROOT / "config/settings.py").read_text()


def test_sqlite_runs_in_wal_mode() -> None:
    code = (
        "import django; django.setup(); from django.db import connection; c = connection.cursor(); "
        "print(c.execute('PRAGMA journal_mode').fetchone()[0])"
    )
    assert start(code, DEBUG="1").stdout.strip() == "wal"


def test_the_deployment_check_has_nothing_to_say() -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], **PRODUCTION},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_every_app_path_is_imported_from_one_settings_file() -> None:
    assert not (ROOT / "config/settings").exists()
    assert [path.name for path in (ROOT / "config").glob("*settings*")] == ["settings.py"]
