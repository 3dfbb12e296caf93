"""What is sent to the site: visitors as browsers show themselves, each seeing a few pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

PAGES_OF_A_VISIT: Final = 4
FIRST_ADDRESS: Final = (198 << 24) + (18 << 16)  # 198.18.0.0/15 is reserved for benchmarks (RFC 2544)
ADDRESSES: Final = 1 << 17

# Headers as current releases of the browsers send them on a navigation.
HTML: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
MOZILLA: Final = "Mozilla/5.0"
CHROMIUM: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
CLIENT_HINTS: Final = {
    "HTTP_SEC_CH_UA": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "HTTP_SEC_CH_UA_MOBILE": "?0",
    "HTTP_SEC_CH_UA_PLATFORM": '"Windows"',
}
BROWSERS: Final[tuple[dict[str, str], ...]] = (
    {"HTTP_USER_AGENT": f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROMIUM} Safari/537.36", **CLIENT_HINTS},
    {"HTTP_USER_AGENT": f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROMIUM} Safari/537.36 Edg/142.0.0.0"},
    {"HTTP_USER_AGENT": f"{MOZILLA} (Linux; Android 10; K) {CHROMIUM} Mobile Safari/537.36"},
    {"HTTP_USER_AGENT": f"{MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"},
    {
        "HTTP_USER_AGENT": f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/26.0 Safari/605.1.15"
    },
    {
        "HTTP_USER_AGENT": f"{MOZILLA} (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1"
    },
)
REFERRERS: Final = ("", "https://www.linkedin.com/", "https://github.com/", "https://www.google.com/", "")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor, by number: the same number is the same client."""

    number: int

    @property
    def address(self) -> str:
        address = FIRST_ADDRESS + self.number % ADDRESSES
        return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))

    @property
    def browser(self) -> dict[str, str]:
        return BROWSERS[self.number // 3 % len(BROWSERS)]

    def referrer(self, page: int) -> str:
        return "http://bench.example/" if page else REFERRERS[self.number % len(REFERRERS)]


def headers(visit: Visit, page: int) -> dict[str, str]:
    """CGI names and values of a navigation: to the first page from elsewhere, to the next ones from the site."""
    referrer = visit.referrer(page)
    return {
        "HTTP_HOST": "bench.example",
        "HTTP_ACCEPT": HTML,
        "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9,de;q=0.8",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "HTTP_SEC_FETCH_DEST": "document",
        "HTTP_SEC_FETCH_MODE": "navigate",
        "HTTP_SEC_FETCH_SITE": "same-origin" if page else "cross-site" if referrer else "none",
        "HTTP_SEC_FETCH_USER": "?1",
        "HTTP_UPGRADE_INSECURE_REQUESTS": "1",
        **({"HTTP_REFERER": referrer} if referrer else {}),
        **visit.browser,
    }


def wsgi_environments(count: int, *, first_visit: int) -> Iterator[dict[str, Any]]:
    """`count` requests, visit after visit; `bench.visit` tells whose cookies they carry."""
    for number in range(count):
        visit, page = Visit(first_visit + number // PAGES_OF_A_VISIT), number % PAGES_OF_A_VISIT
        yield {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/page/work-{number % 6}/" if page else "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "bench.example",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": visit.address,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "bench.visit": visit.number,
            **headers(visit, page),
        }
