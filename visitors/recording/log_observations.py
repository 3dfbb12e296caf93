"""Turn a log line into an observation: what counts as a page without a content type, and who asked for it.

The address is used here, in memory, and goes no further. Secrets are made per run and local day and forgotten with
the run; that the same line is recognised again rests on its id, which is made of the line itself.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Collection
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl

from visitors.addresses import parse_ip
from visitors.detection.referrers import reduce_referrer, referrer_host
from visitors.identity import SECRET_BYTES, local_day, place_of, pseudonym
from visitors.observation import PAGE, DropReason, Observation, campaign_of, clean, host_of, page_kind

from .ids import import_id
from .log_lines import LogLine

# What servers send as files under these endings. Not here are the endings of documents: html, php, aspx, ...
ASSET_EXTENSIONS: Final = frozenset(
    """
    avif bmp cur gif heic ico jpeg jpg jxl png psd svg tif tiff webp
    eot otf ttf woff woff2
    css js less map mjs scss ts wasm
    7z apk bz2 deb dmg egg exe gem gz img iso jar msi pkg rar rpm tar tgz torrent war whl xz zip zst
    aac avi flac flv m3u8 m4a m4v mkv mov mp3 mp4 mpeg mpg oga ogg ogv opus swf wav webm wma wmv
    csv doc docx epub ics json jsonl key log md numbers ods odp odt pages pdf ppt pptx ps rtf tex tsv txt vcf
    xls xlsx xml xsd xsl xslt yaml yml
    bak c cc cfg class conf cpp cs diff dtd env go h hpp ini java kt lua m4 markdown mk o patch pcap pem pl po
    py pyc rb rs sh so spec sql sqlite swift toml webmanifest
    """.split()  # noqa: SIM905  (a list of ninety short words reads better in lines)
)
FEED_EXTENSIONS: Final = frozenset({"atom", "rdf", "rss"})
FEED_NAMES: Final = frozenset({"atom", "feed", "feeds", "rss", "rss2"})
# Blosxom, WordPress and Joomla choose the feed by a parameter of the page's own address.
FEED_PARAMETERS: Final = frozenset({"flav", "feed", "format", "output", "type"})
FEED_VALUES: Final = ("atom", "feed", "json_feed", "rdf", "rss")

LONGEST_QUERY: Final = 8_000  # characters
REMEMBERED_LINES: Final = 65_536


def is_document(path: str, query: str) -> bool:
    """Whether an address is that of an HTML page, as far as an address can tell: neither an asset nor a feed."""
    name = path.rstrip("/").rpartition("/")[2].lower()
    stem, dot, extension = name.rpartition(".")
    if dot and not path.endswith("/") and extension in ASSET_EXTENSIONS | FEED_EXTENSIONS:
        return False
    if name in FEED_NAMES or (dot and stem in FEED_NAMES):
        return False
    parameters = parse_qsl(query[:LONGEST_QUERY])
    return not any(key in FEED_PARAMETERS and value.lower().startswith(FEED_VALUES) for key, value in parameters)


class LogObserver:
    """Observes the lines of one run. Holds secrets by local day and the last lines, whatever the length of the log."""

    def __init__(self, *, own_hosts: Collection[str] = (), excluded: tuple[str, ...] = ()) -> None:
        self._own_hosts = {host.lower().removeprefix("www.") for host in own_hosts}
        self._host = next(iter(own_hosts), "")
        self._excluded = excluded
        self._secrets: dict[date, bytes] = {}
        self._copies: OrderedDict[bytes, int] = OrderedDict()

    def observe(self, line: LogLine, *, raw: bytes) -> Observation | DropReason:
        """`raw` is the line as it stands in the file: lines that are equal to the byte are told apart by count."""
        identifier = import_id(line.at_ms, self._digest(raw))
        kind = self._kind(line)
        if isinstance(kind, DropReason):
            return kind
        campaign: dict[str, Any] = campaign_of(dict(parse_qsl(line.query[:LONGEST_QUERY])))
        return Observation(
            id=identifier,
            at_ms=line.at_ms,
            kind=kind,
            method=line.method,
            host=host_of(line.host or self._host),
            path=clean(line.path, limit=500),
            status=line.status,
            content_type="text/html" if kind == PAGE else "",
            referrer=self._referrer(line),
            user_agent=clean(line.user_agent, limit=500),
            target="robots.txt" if line.path == "/robots.txt" else "",
            **self._who(line),
            **campaign,
        )

    def _who(self, line: LogLine) -> dict[str, Any]:
        day = local_day(line.at_ms)
        place = place_of(parse_ip(line.ip), {})
        return {
            "day": day.isoformat(),
            "visitor_id": self._pseudonym(line, day),
            "previous_visitor_id": self._pseudonym(line, day - timedelta(days=1)),
            "country": place.country,
            "region": place.region,
            "city": place.city,
            "network": place.network,
            "network_kind": place.network_kind,
        }

    def _digest(self, raw: bytes) -> bytes:
        digest = blake2b(raw.rstrip(b"\r\n"), digest_size=16).digest()
        copies = self._copies[digest] = self._copies.pop(digest, -1) + 1
        if len(self._copies) > REMEMBERED_LINES:
            self._copies.popitem(last=False)
        return digest + copies.to_bytes(4, "big")

    def _kind(self, line: LogLine) -> str | DropReason:
        if not line.path:
            return DropReason.MALFORMED if line.status < 400 else DropReason.STATUS
        return page_kind(
            method=line.method,
            path=line.path,
            status=line.status,
            content_type="text/html" if is_document(line.path, line.query) else "",
            excluded=self._excluded,
        )

    def _pseudonym(self, line: LogLine, day: date) -> int:
        secret = self._secrets.get(day)
        if secret is None:
            secret = self._secrets[day] = secrets.token_bytes(SECRET_BYTES)
        return pseudonym(parse_ip(line.ip) or line.ip, line.user_agent, secret=secret)

    def _referrer(self, line: LogLine) -> str:
        referrer = reduce_referrer(line.referrer)
        return "" if referrer_host(referrer).removeprefix("www.") in self._own_hosts else referrer
