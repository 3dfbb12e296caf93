"""Every setting of the app, typed: one property per `VISITORS[...]` key, read when called."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver

from .conf_dashboard import DashboardSettings
from .conf_notices import NoticeSettings, quiet_hours, time_of_day
from .conf_privacy import PrivacySettings, legal_basis, privacy_mode
from .conf_reports import ReportSettings
from .conf_security import SecuritySettings, limit_store
from .conf_stores import StoreSettings

Network = IPv4Network | IPv6Network
NetworkKinds = tuple[tuple[str, str], ...]

MiB: Final = 1024 * 1024
RECORDING_MODES: Final = ("background", "immediate", "external")


class VisitorsSettings(
    NoticeSettings, PrivacySettings, ReportSettings, DashboardSettings, SecuritySettings, StoreSettings
):
    """Reads `settings.VISITORS`; a missing key has the default given here.

    A value is parsed once and kept until Django says that the setting has changed: a request reads a dozen of them.
    """

    def forget(self) -> None:
        """Read the settings again at the next access."""
        vars(self).clear()

    @cached_property
    def RECORDING(self) -> str:
        return str(self._given.get("RECORDING", "background"))

    @cached_property
    def JOURNAL_DIR(self) -> Path:
        return Path(self._given.get("JOURNAL_DIR") or Path(settings.BASE_DIR) / "var" / "journal")

    @cached_property
    def JOURNAL_MAX_BYTES(self) -> int:
        return int(self._given.get("JOURNAL_MAX_BYTES", 256 * MiB))

    @cached_property
    def JOURNAL_ROTATE_BYTES(self) -> int:
        return int(self._given.get("JOURNAL_ROTATE_BYTES", 8 * MiB))

    @cached_property
    def JOURNAL_ROTATE_SECONDS(self) -> int:
        return int(self._given.get("JOURNAL_ROTATE_SECONDS", 300))

    @cached_property
    def DRAIN_SECONDS(self) -> float:
        return float(self._given.get("DRAIN_SECONDS", 1.0))

    @cached_property
    def DRAIN_BATCH(self) -> int:
        return int(self._given.get("DRAIN_BATCH", 4000))

    @cached_property
    def REPORT_WAIT_SECONDS(self) -> float:
        return float(self._given.get("REPORT_WAIT_SECONDS", 1.5))

    @cached_property
    def STATUS_MAX_LAG_SECONDS(self) -> int:
        return int(self._given.get("STATUS_MAX_LAG_SECONDS", 60))

    @cached_property
    def EXCLUDE_PATHS(self) -> tuple[str, ...]:
        return tuple(
            self._given.get("EXCLUDE_PATHS", ("/admin/", "/api/", "/dashboard/", "/privacy/", "/healthz", "/readyz"))
        )

    @cached_property
    def unobserved_paths(self) -> tuple[str, ...]:
        """`EXCLUDE_PATHS`, and where static and uploaded files are served: never pages."""
        return self.EXCLUDE_PATHS + tuple(
            url for url in (settings.STATIC_URL, settings.MEDIA_URL) if url and url != "/"
        )

    @cached_property
    def TRUSTED_PROXIES(self) -> tuple[Network, ...]:
        return tuple(ip_network(cidr, strict=False) for cidr in self._given.get("TRUSTED_PROXIES", ()))

    @cached_property
    def HONOR_OPT_OUT_SIGNALS(self) -> bool:
        return bool(self._given.get("HONOR_OPT_OUT_SIGNALS", True))

    @cached_property
    def RECRUITER_THRESHOLD(self) -> int:
        return int(self._given.get("RECRUITER_THRESHOLD", 50))

    @cached_property
    def RECRUITER_PRIOR(self) -> float | None:
        """Log odds before any signal; `None` keeps the built-in calibration."""
        value = self._given.get("RECRUITER_PRIOR")
        return None if value is None else float(value)

    @cached_property
    def RECRUITER_SLOPE(self) -> float | None:
        value = self._given.get("RECRUITER_SLOPE")
        return None if value is None else float(value)

    @cached_property
    def GOALS(self) -> Mapping[str, Mapping[str, Any]]:
        """Name -> what reaches it: `{"interaction": kind}`, or of pages `page`, `scroll`, `engaged_seconds`."""
        return dict(self._given.get("GOALS", DEFAULT_GOALS))

    @cached_property
    def PAGES_CARRY_TRACKER(self) -> bool:
        """Whether the templates include the tracker, so that its silence is evidence of a bot."""
        return bool(self._given.get("PAGES_CARRY_TRACKER", False))

    @cached_property
    def GEOIP_COUNTRY(self) -> Path | None:
        return _path(self._given.get("GEOIP_COUNTRY"))

    @cached_property
    def GEOIP_CITY(self) -> Path | None:
        return _path(self._given.get("GEOIP_CITY"))

    @cached_property
    def GEOIP_ASN(self) -> Path | None:
        return _path(self._given.get("GEOIP_ASN"))

    @cached_property
    def NETWORK_KINDS(self) -> NetworkKinds:
        """CIDR -> isp, mobile, business, education, hosting or vpn, as pairs; wins over any address database."""
        return tuple(dict(self._given.get("NETWORK_KINDS", {})).items())

    @cached_property
    def COUNTRY_HEADER(self) -> str:
        """A header set by the CDN in front ("CF-IPCountry"), believed from trusted proxies only; "" = none."""
        return str(self._given.get("COUNTRY_HEADER", ""))

    @cached_property
    def knows_places(self) -> bool:
        """Whether anything tells where an address is: asked in every request."""
        databases = (self.GEOIP_COUNTRY, self.GEOIP_CITY, self.GEOIP_ASN)
        return any(databases) or bool(self.NETWORK_KINDS or self.COUNTRY_HEADER)

    @cached_property
    def BOT_RANGES(self) -> Path | None:
        """JSON file of published crawler address ranges, for verified crawlers."""
        return _path(self._given.get("BOT_RANGES"))


DEFAULT_GOALS: Final[Mapping[str, Mapping[str, str]]] = {
    "Résumé downloaded": {"interaction": "download"},
    "Contact form sent": {"interaction": "contact"},
    "Job description analysed": {"interaction": "job_analysis"},
}

# What the environment tells the tests.
NO_SETTINGS: Final = frozenset({"VISITORS_CITUS_URL"})
KEYS: Final = frozenset(name for name in dir(VisitorsSettings) if name.isupper())

conf = VisitorsSettings()


@receiver(setting_changed)
def _forget_changed(*, setting: str, **_: Any) -> None:
    if setting in {"VISITORS", "STATIC_URL", "MEDIA_URL"}:
        conf.forget()


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """`VISITORS_<KEY>` variables as a `VISITORS` dict.

    Raises `ImproperlyConfigured` for a name that no setting has and for a value that does not parse: a typing
    error must not turn into a silent default.
    """
    given = {name: value for name, value in environ.items() if name.startswith("VISITORS_") and name not in NO_SETTINGS}
    return {name.removeprefix("VISITORS_"): _parse(name, value) for name, value in given.items()}


def _parse(name: str, value: str) -> Any:
    key = name.removeprefix("VISITORS_")
    if key not in KEYS:
        raise ImproperlyConfigured(f"`{name}` is no setting of visitors. Known: {', '.join(sorted(KEYS))}.")
    parser = PARSERS.get(key, str)
    try:
        return parser(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"`{name}` must be {error}, not {value!r}.") from error


def strict_bool(value: str) -> bool:
    """Raises `ValueError` instead of taking a misspelt "ture" for false."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[value.strip().lower()]
    except KeyError:
        raise ValueError("one of 1, true, yes, on, 0, false, no, off") from None


def _whole_number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("a whole number") from None


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError("a number") from None


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _mode(value: str) -> str:
    if value not in RECORDING_MODES:
        raise ValueError(f"one of {', '.join(RECORDING_MODES)}")
    return value


def _cidrs(value: str) -> list[str]:
    parts = _list(value)
    try:
        for part in parts:
            ip_network(part, strict=False)
    except ValueError:
        raise ValueError("a comma-separated list of networks such as 10.0.0.0/8") from None
    return parts


def _json_object(value: str) -> dict[str, Any]:
    try:
        parsed = json.loads(value)
    except ValueError:
        raise ValueError("a JSON object") from None
    if not isinstance(parsed, dict):
        raise ValueError("a JSON object")
    return parsed


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "RECORDING": _mode,
    "JOURNAL_MAX_BYTES": _whole_number,
    "JOURNAL_ROTATE_BYTES": _whole_number,
    "JOURNAL_ROTATE_SECONDS": _whole_number,
    "DRAIN_SECONDS": _number,
    "DRAIN_BATCH": _whole_number,
    "REPORT_WAIT_SECONDS": _number,
    "STATUS_MAX_LAG_SECONDS": _whole_number,
    "EXCLUDE_PATHS": _list,
    "TRUSTED_PROXIES": _cidrs,
    "HONOR_OPT_OUT_SIGNALS": strict_bool,
    "RECRUITER_THRESHOLD": _whole_number,
    "RECRUITER_PRIOR": _number,
    "RECRUITER_SLOPE": _number,
    "GOALS": _json_object,
    "FUNNELS": _json_object,
    "PAGES_CARRY_TRACKER": strict_bool,
    "CITUS": strict_bool,
    "NETWORK_KINDS": _json_object,
    "OWNER_MEMORY_DAYS": _whole_number,
    "LIMITS": _json_object,
    "LIMIT_STORE": limit_store,
    "MAX_NEW_SESSIONS_PER_MINUTE": _whole_number,
    "OWNER_PANELS": _list,
    "DIGEST_EMAIL": _list,
    "NOTICE_EMAIL": _list,
    "NOTICE_WEBHOOK_PRIVATE": strict_bool,
    "NOTICE_DELAY_SECONDS": _whole_number,
    "NOTICE_DIGEST": time_of_day,
    "QUIET_HOURS": quiet_hours,
    "PRIVACY": privacy_mode,
    "PRIVACY_LEGAL_BASIS": legal_basis,
    "PROFILING_COOKIE_DAYS": _whole_number,
    "RETENTION_EVENT_DAYS": _whole_number,
    "RETENTION_ROLLUP_MONTHS": _whole_number,
    "RETENTION_TEXT_DAYS": _whole_number,
}


def _path(value: str | Path | None) -> Path | None:
    return Path(value) if value else None
