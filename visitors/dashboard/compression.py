"""Send pages compressed and still piece by piece: each piece can be shown when it arrives.

Django's own compression of streams holds pieces back until there are enough of them. Of its random bytes as many are
added here. What a page holds of secrets, its CSRF token, is masked anew in each answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from gzip import GzipFile
from io import BytesIO
from secrets import randbelow
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

MAX_RANDOM_BYTES: Final = GZipMiddleware.max_random_bytes

_whole = GZipMiddleware(lambda _: HttpResponse())


def compressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The same answer in gzip, for a client that takes it."""
    if not isinstance(response, StreamingHttpResponse):
        return _whole.process_response(request, response)
    patch_vary_headers(response, ("Accept-Encoding",))
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.streaming_content = _squeezed(iter(response))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _squeezed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    buffer = BytesIO()
    with GzipFile("a" * randbelow(MAX_RANDOM_BYTES), "wb", compresslevel=6, fileobj=buffer, mtime=0) as packed:
        for piece in pieces:
            packed.write(piece)
            packed.flush()
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: BytesIO) -> bytes:
    found = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return found
