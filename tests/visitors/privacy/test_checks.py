"""Settings that promise more privacy than they keep do not start, each with its id."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from visitors.conf import conf, from_environment

AGREED = "tests.visitors.privacy.consents.agreed"
PROFILED = {
    "PRIVACY": "profiling",
    "PRIVACY_NOTICE_URL": "/privacy/",
    "PRIVACY_LEGAL_BASIS": "consent",
    "CONSENT_HOOK": AGREED,
}


def found(settings: Any, **given: Any) -> list[str]:
    settings.VISITORS = {**settings.VISITORS, **given}
    return [str(message.id) for message in run_checks(tags=["visitors"])]


def test_strict_is_the_default_and_needs_nothing(settings: Any) -> None:
    assert found(settings) == []
    assert (conf.PRIVACY, conf.is_profiling) == ("strict", False)


def test_profiling_with_all_that_it_needs_starts(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert found(settings, **PROFILED) == []
    assert conf.is_profiling


@pytest.mark.parametrize(
    ("given", "identifier"),
    [
        ({"PRIVACY": "lax"}, "visitors.E040"),
        ({"RETENTION_EVENT_DAYS": 0}, "visitors.E041"),
        ({"RETENTION_EVENT_DAYS": 761}, "visitors.E041"),
        ({"RETENTION_ROLLUP_MONTHS": 26}, "visitors.E041"),
        ({"RETENTION_TEXT_DAYS": 4000}, "visitors.E041"),
        ({"PROFILING_COOKIE_DAYS": 396}, "visitors.E041"),
        ({"RETENTION_EVENT_DAYS": 90, "RETENTION_ROLLUP_MONTHS": 2}, "visitors.W040"),
        (PROFILED | {"PRIVACY_NOTICE_URL": ""}, "visitors.E042"),
        (PROFILED | {"PRIVACY_NOTICE_URL": "javascript:alert(1)"}, "visitors.E042"),
        (PROFILED | {"PRIVACY_LEGAL_BASIS": ""}, "visitors.E043"),
        (PROFILED | {"PRIVACY_LEGAL_BASIS": "because"}, "visitors.E043"),
        (PROFILED | {"PRIVACY_LEGAL_BASIS": "legitimate_interests"}, "visitors.W042"),
        (PROFILED | {"CONSENT_HOOK": ""}, "visitors.W043"),
        (PROFILED | {"CONSENT_HOOK": "tests.no.such"}, "visitors.E044"),
        (PROFILED | {"CONSENT_HOOK": "nodots"}, "visitors.E044"),
        (PROFILED | {"HONOR_OPT_OUT_SIGNALS": False}, "visitors.E045"),
        ({"HONOR_OPT_OUT_SIGNALS": False}, "visitors.W045"),
    ],
)
def test_an_unsafe_combination_is_found(settings: Any, given: dict[str, Any], identifier: str) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert found(settings, **given) == [identifier]


def test_a_profiling_cookie_without_encryption_is_warned_about(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = False
    assert found(settings, **PROFILED) == ["visitors.W044"]


@pytest.mark.parametrize("key", ["DEFAULT_EXCEPTION_REPORTER", "DEFAULT_EXCEPTION_REPORTER_FILTER"])
def test_error_reports_with_all_that_a_request_brought_are_warned_about(settings: Any, key: str) -> None:
    setattr(settings, key, {"DEFAULT_EXCEPTION_REPORTER": "django.views.debug.ExceptionReporter"}.get(
        key, "django.views.debug.SafeExceptionReporterFilter"
    ))  # fmt: skip
    assert found(settings) == ["visitors.W041"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VISITORS_PRIVACY", "lax"),
        ("VISITORS_PRIVACY_LEGAL_BASIS", "because"),
        ("VISITORS_RETENTION_EVENT_DAYS", "ninety"),
    ],
)
def test_a_misspelt_variable_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        from_environment({name: value})


def test_what_the_environment_tells_the_tests_is_no_setting() -> None:
    assert from_environment({"VISITORS_CITUS_URL": "postgres://coordinator/"}) == {}
