"""Keep visitors out of error reports and logs: what a request brought is masked, what the code did is told.

Active while `DEBUG` is off; the reports of a development server are shown to nobody else.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from ipaddress import ip_address
from types import FrameType
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

MASK: Final = "***"
SHORTEST_VALUE: Final = 6  # shorter ones ("en", "*/*") stand in any text
# Of the request itself, without which no error can be understood.
KEPT_META: Final = frozenset(
    {"REQUEST_METHOD", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_PROTOCOL", "SERVER_SOFTWARE", "wsgi.url_scheme"}
)
SENT_BY_CLIENT: Final = ("HTTP_", "REMOTE_", "QUERY_STRING", "RAW_URI", "REQUEST_URI")

_EMAIL: Final = re.compile(r"[\w.+%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_QUERY: Final = re.compile(r"\?[^\s\"'<>()=?]{1,200}=[^\s\"'<>)]*")
_V4: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_V6: Final = re.compile(r"(?<![\w:])[0-9a-fA-F:]{3,40}(?![\w:])")


def scrub(text: str, request: HttpRequest | None = None) -> str:
    """`text` without addresses, e-mail addresses and query strings, nor anything else that the request brought."""
    for value in sorted(set(_brought_by(request)), key=len, reverse=True) if request is not None else ():
        text = text.replace(value, MASK)
    return _V6.sub(_masked_v6, _V4.sub(MASK, _EMAIL.sub(MASK, _QUERY.sub(f"?{MASK}", text))))


def _masked_v6(found: re.Match[str]) -> str:
    """Times and slices look alike. A colon after the address is the sentence's."""
    address = found[0] if found[0].endswith("::") else found[0].removesuffix(":")
    if address.count(":") < 2:
        return found[0]
    try:
        ip_address(address)
    except ValueError:
        return found[0]
    return MASK + found[0][len(address) :]


def _brought_by(request: HttpRequest) -> Iterator[str]:
    for name, value in getattr(request, "META", {}).items():
        if name.startswith(SENT_BY_CLIENT) and name != "HTTP_HOST" and isinstance(value, str):
            yield from _worth_masking(value)
    for value in request.COOKIES.values():
        yield from _worth_masking(value)
    # What was not read yet is not read here: it may be what failed.
    for fields in (vars(request).get("GET"), vars(request).get("_post")):
        for _, values in fields.lists() if isinstance(fields, MultiValueDict) else ():
            for value in values:
                yield from _worth_masking(value)


def _worth_masking(value: Any) -> Iterator[str]:
    """As it is, and as `repr` shows it."""
    if isinstance(value, str) and len(value) >= SHORTEST_VALUE:
        yield value
        yield repr(value)[1:-1]


class PrivateReporterFilter(SafeExceptionReporterFilter):
    """Masks headers, cookies, parameters and local variables; says only of what type they were."""

    def get_safe_request_meta(self, request: Any) -> dict[str, Any]:
        meta: dict[str, Any] = super().get_safe_request_meta(request)
        if not self.is_active(request):
            return meta
        return {name: value if name in KEPT_META else MASK for name, value in meta.items()}

    def get_safe_cookies(self, request: Any) -> dict[str, Any]:
        cookies: dict[str, Any] = super().get_safe_cookies(request)
        return dict.fromkeys(cookies, MASK) if self.is_active(request) else cookies

    def get_post_parameters(self, request: Any) -> Any:
        given = super().get_post_parameters(request)
        return dict.fromkeys(given, MASK) if self.is_active(request) else given

    def get_traceback_frame_variables(self, request: Any, tb_frame: FrameType) -> Any:
        variables = super().get_traceback_frame_variables(request, tb_frame)
        if not self.is_active(request):
            return variables
        return [(name, f"<{type(value).__name__}>") for name, value in variables]


class PrivateReporter(ExceptionReporter):
    """Django's report of an error, by mail or as a page, without what the request brought."""

    def get_traceback_data(self) -> dict[str, Any]:
        told: dict[str, Any] = super().get_traceback_data()
        if self.request is not None and self.filter.is_active(self.request):
            told["request_GET_items"] = [(name, MASK) for name, _ in told["request_GET_items"]]
            told["request_insecure_uri"] = told["request_insecure_uri"].partition("?")[0]
            told["unicode_hint"] = ""
            told["user_str"] = None
        return told

    def get_traceback_text(self) -> str:  # type: ignore[override]
        return self._scrubbed(super().get_traceback_text())

    def get_traceback_html(self) -> str:  # type: ignore[override]
        return self._scrubbed(super().get_traceback_html())

    def _scrubbed(self, report: str) -> str:
        return scrub(report, self.request) if self.filter.is_active(self.request) else report


class PrivateFormatter(logging.Formatter):
    """Log lines and tracebacks without addresses, e-mail addresses, query strings and what the request brought."""

    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        text = super().format(record)
        return text if settings.DEBUG else scrub(text, request if isinstance(request, HttpRequest) else None)
