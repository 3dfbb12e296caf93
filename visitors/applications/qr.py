"""Draw a link as a QR code, as SVG or PNG."""

from __future__ import annotations

import io
from typing import Final

import segno

SCALE: Final = 8  # pixels of a module
QUIET_ZONE: Final = 4  # modules around it, as ISO/IEC 18004 asks
ERROR_CORRECTION: Final = "m"  # 15 %: enough for a printed page


def svg(url: str) -> bytes:
    return _drawn(url, "svg")


def png(url: str) -> bytes:
    return _drawn(url, "png")


def _drawn(url: str, form: str) -> bytes:
    out = io.BytesIO()
    segno.make_qr(url, error=ERROR_CORRECTION).save(out, kind=form, scale=SCALE, border=QUIET_ZONE)
    return out.getvalue()


def short_form(url: str) -> str:
    """The link as plain text for a PDF: without its scheme and the last slash, which every browser adds."""
    return (url.partition("://")[2] or url).rstrip("/")
