"""The settings that protect: encryption, cookies, frames. Strict in production, usable without TLS in development."""

from __future__ import annotations

from typing import Any, Final

YEAR_SECONDS: Final = 31_536_000
# Both answer a load balancer, which asks inside the house and without TLS.
HEALTH: Final = [r"^healthz$", r"^readyz$"]


def security_settings(*, debug: bool, redirects: bool, behind_tls_proxy: bool) -> dict[str, Any]:
    """Django's settings; `redirects` sends plain HTTP to HTTPS, `behind_tls_proxy` believes X-Forwarded-Proto."""
    return {
        "SECURE_SSL_REDIRECT": redirects,
        "SECURE_REDIRECT_EXEMPT": HEALTH,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if behind_tls_proxy else None,
        "SECURE_HSTS_SECONDS": 0 if debug else YEAR_SECONDS,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": not debug,
        "SECURE_HSTS_PRELOAD": not debug,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "strict-origin-when-cross-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        **_cookies("SESSION", "sessionid", debug=debug),
        **_cookies("CSRF", "csrftoken", debug=debug),
    }


def _cookies(prefix: str, name: str, *, debug: bool) -> dict[str, Any]:
    """`__Host-`: browsers take such a cookie over TLS only, for this host only, and no sister domain can plant it.

    No script reads the token against forged requests: it stands in the form.
    """
    return {
        f"{prefix}_COOKIE_NAME": name if debug else f"__Host-{name}",
        f"{prefix}_COOKIE_SECURE": not debug,
        f"{prefix}_COOKIE_HTTPONLY": True,
        f"{prefix}_COOKIE_SAMESITE": "Lax",
    }
