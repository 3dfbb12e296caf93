"""Decide whose requests are counted together: a logged-in user's, else those of one client address."""

from __future__ import annotations

from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle

from .identity import client_ip


class ClientThrottle(ScopedRateThrottle):
    """By the view's `throttle_scope`. The address is believed as far as `TRUSTED_PROXIES` go, so that inventing
    X-Forwarded-For gains nothing, and the cache holds its keyed hash only."""

    def get_ident(self, request: Request) -> str:
        return salted_hmac("visitors.throttle", client_ip(request.META), algorithm="sha256").hexdigest()
