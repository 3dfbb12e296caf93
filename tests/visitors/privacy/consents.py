"""Consent hooks as a site would write them."""

from __future__ import annotations

from django.http import HttpRequest


def agreed(request: HttpRequest) -> bool:
    """The banner of the site has set this cookie."""
    return request.COOKIES.get("consent") == "yes"
