"""System checks of privacy: modes, consent and retention that promise more than they keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from .conf import conf
from .conf_privacy import (
    LEGAL_BASES,
    MAX_COOKIE_DAYS,
    MAX_RETENTION_DAYS,
    MAX_RETENTION_MONTHS,
    PRIVACY_MODES,
    PROFILING,
)

REPORTER_FILTER: Final = "visitors.privacy.error_reports.PrivateReporterFilter"
REPORTER: Final = "visitors.privacy.error_reports.PrivateReporter"
RETENTION: Final = (
    ("RETENTION_EVENT_DAYS", MAX_RETENTION_DAYS),
    ("RETENTION_ROLLUP_MONTHS", MAX_RETENTION_MONTHS),
    ("RETENTION_TEXT_DAYS", MAX_RETENTION_DAYS),
    ("PROFILING_COOKIE_DAYS", MAX_COOKIE_DAYS),
)


@register("visitors")
def check_privacy(**_: Any) -> list[CheckMessage]:
    if not isinstance(getattr(settings, "VISITORS", {}), dict):
        return []  # E001 says so
    of_mode = _profiling() if conf.PRIVACY == PROFILING else _signals_in_strict_mode()
    return [*_mode(), *_retention(), *_error_reports(), *of_mode]


def _mode() -> Iterator[CheckMessage]:
    if conf.PRIVACY not in PRIVACY_MODES:
        yield Error(
            f"VISITORS['PRIVACY'] must be one of {', '.join(PRIVACY_MODES)}, not {conf.PRIVACY!r}.",
            hint="'strict' needs neither cookies nor consent.",
            id="visitors.E040",
        )


def _signals_in_strict_mode() -> Iterator[CheckMessage]:
    if not conf.HONOR_OPT_OUT_SIGNALS:
        yield Warning(
            "Visitors who send Do Not Track or Global Privacy Control are recorded all the same.",
            hint="Remove VISITORS['HONOR_OPT_OUT_SIGNALS'], or silence this after advice: some laws make them binding.",
            id="visitors.W045",
        )


def _retention() -> Iterator[CheckMessage]:
    for key, most in RETENTION:
        value = getattr(conf, key)
        if not 1 <= value <= most:
            yield Error(
                f"VISITORS[{key!r}] must be between 1 and {most}, not {value}.",
                hint="Nothing of a visitor is kept for longer than 25 months, no cookie for longer than 13.",
                id="visitors.E041",
            )
    if conf.RETENTION_EVENT_DAYS > conf.RETENTION_ROLLUP_MONTHS * 31:
        yield Warning(
            "Single visits are kept for longer than the daily sums made of them.",
            hint="Lower VISITORS['RETENTION_EVENT_DAYS'] or raise VISITORS['RETENTION_ROLLUP_MONTHS'].",
            id="visitors.W040",
        )


def _error_reports() -> Iterator[CheckMessage]:
    for key, ours in (("DEFAULT_EXCEPTION_REPORTER_FILTER", REPORTER_FILTER), ("DEFAULT_EXCEPTION_REPORTER", REPORTER)):
        if not _is_one_of_ours(getattr(settings, key, ""), ours):
            yield Warning(
                f"{key} lets error reports hold addresses, cookies and query strings of visitors.",
                hint=f"Set {key} = {ours!r}.",
                id="visitors.W041",
            )


def _is_one_of_ours(given: str, ours: str) -> bool:
    """Itself or a class made of it."""
    try:
        return issubclass(import_string(given), import_string(ours))
    except (ImportError, TypeError):
        return False


def _profiling() -> Iterator[CheckMessage]:
    if not conf.PRIVACY_NOTICE_URL.startswith(("https://", "http://", "/")):
        yield Error(
            "Profiling needs VISITORS['PRIVACY_NOTICE_URL']: a path or address where visitors read about it.",
            hint="docs/PRIVACY_NOTICE.template.md is a start.",
            id="visitors.E042",
        )
    if conf.PRIVACY_LEGAL_BASIS not in LEGAL_BASES:
        yield Error(
            f"Profiling needs VISITORS['PRIVACY_LEGAL_BASIS'], one of {', '.join(LEGAL_BASES)}, "
            f"not {conf.PRIVACY_LEGAL_BASIS!r}.",
            hint="A cookie that is not needed to show the page takes consent in the EU.",
            id="visitors.E043",
        )
    elif conf.PRIVACY_LEGAL_BASIS != "consent":
        yield Warning(
            f"Profiling by cookie rests on {conf.PRIVACY_LEGAL_BASIS!r}; in the EU reading a cookie takes consent.",
            hint="Set VISITORS['PRIVACY_LEGAL_BASIS'] = 'consent', or silence this after advice.",
            id="visitors.W042",
        )
    yield from _consent()
    yield from _signals()


def _consent() -> Iterator[CheckMessage]:
    if not conf.CONSENT_HOOK:
        yield Warning(
            "Profiling without VISITORS['CONSENT_HOOK']: nobody agrees, so nobody is profiled.",
            hint="Give the dotted path of a function that takes a request and returns whether its visitor agreed.",
            id="visitors.W043",
        )
        return
    try:
        is_usable = callable(import_string(conf.CONSENT_HOOK))
    except ImportError:
        is_usable = False
    if not is_usable:
        yield Error(
            f"VISITORS['CONSENT_HOOK'] names no function: {conf.CONSENT_HOOK!r}.",
            hint="Give the dotted path of a function that takes a request.",
            id="visitors.E044",
        )


def _signals() -> Iterator[CheckMessage]:
    if not conf.HONOR_OPT_OUT_SIGNALS:
        yield Error(
            "Profiling while Do Not Track and Global Privacy Control are ignored.",
            hint="Remove VISITORS['HONOR_OPT_OUT_SIGNALS'], or go back to VISITORS['PRIVACY'] = 'strict'.",
            id="visitors.E045",
        )
    if not settings.DEBUG and not settings.SESSION_COOKIE_SECURE:
        yield Warning(
            "The profiling cookie may travel without encryption.",
            hint="Set SESSION_COOKIE_SECURE = True and serve the site over HTTPS.",
            id="visitors.W044",
        )
