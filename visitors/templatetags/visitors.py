"""`{% visitors_tracker %}`: the script that reports engaged time."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from visitors.ahead import word_for

register = template.Library()


@register.simple_tag(takes_context=True)
def visitors_tracker(context: Context, **attributes: Any) -> SafeString:
    """A deferred script tag, with the request's CSP nonce if there is one; keywords become `data-` attributes.

    `{% visitors_tracker webdriver=1 %}` counts automated browsers too. Empty when the API is not mounted.
    """
    try:
        api = reverse("visitors:events")
    except NoReverseMatch:
        return SafeString("")
    request = context.get("request")
    nonce = getattr(request, "csp_nonce", None)
    word = word_for(request) if isinstance(request, HttpRequest) else ""
    pairs = [("src", static("visitors/visitors.js")), ("data-api", api)]
    pairs += [(f"data-{name}", str(value)) for name, value in attributes.items()]
    pairs += [("data-seen", word)] if word else []
    pairs += [("nonce", str(nonce))] if nonce else []
    return format_html("<script defer{}></script>", format_html_join("", ' {}="{}"', pairs))
