"""Serve `/js/script.js`: this project's tracker, under the address and the names that script tags for Plausible use."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import etag, require_safe

FOLDER: Final = Path(__file__).resolve().parent.parent / "static" / "visitors"
PLACE: Final = "/* tracker */"
MAX_AGE_SECONDS: Final = 3600


@cache
def script_text() -> str:
    """The adapter with the tracker in its place."""
    adapter = (FOLDER / "plausible.js").read_text(encoding="utf-8")
    return adapter.replace(PLACE, (FOLDER / "visitors.js").read_text(encoding="utf-8"))


@cache
def _tag() -> str:
    return f'"{sha256(script_text().encode()).hexdigest()[:16]}"'


@require_safe
@etag(lambda request: _tag())  # noqa: ARG005
def script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Any page may load it, also one of another host."""
    headers = {"Cache-Control": f"public, max-age={MAX_AGE_SECONDS}", "Cross-Origin-Resource-Policy": "cross-origin"}
    return HttpResponse(script_text(), content_type="text/javascript; charset=utf-8", headers=headers)
