"""Count a page that a browser fetched ahead of its user when it is shown, and not before.

The page goes out with a signed word of what its request said; the tracker hands it back once the page is on screen. The
word holds the id that the page view will have, so that handing it back twice counts once. Nothing is stored meanwhile.
"""

from __future__ import annotations

from typing import Any, Final

from django.core import signing
from django.http import HttpRequest

from . import recording
from .identity import now_ms
from .observation import PAGE, purpose_of, seen_in_request
from .observer import observe_event, referrer_of

SALT: Final = "visitors.ahead"
MAX_AGE_SECONDS: Final = 30 * 60  # browsers forget a prefetched page after five minutes
MAX_CHARACTERS: Final = 4000
# The rest is told by the request that hands the word back: it comes from the same browser.
KEPT: Final = (
    "path",
    "route",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "click_id",
    "accept",
    "sec_fetch_site",
    "sec_fetch_mode",
    "sec_fetch_dest",
)


def word_for(request: HttpRequest | None) -> str:
    """The signed word for a page that nobody looks at yet; "" for an ordinary request."""
    if request is None or not purpose_of(request.META):
        return ""
    seen = seen_in_request(request)
    kept = {name: seen[name] for name in KEPT if seen.get(name)}
    try:
        kept |= {"id": recording.next_id(now_ms()), "referrer": referrer_of(request.META)}
    except OSError:
        return ""  # the page goes out all the same; as long as the journal cannot be written, nothing is recorded
    return signing.dumps(kept, salt=SALT, compress=True)


def observe_shown(request: HttpRequest, *, word: str, path: str) -> bool:
    """Record the page view that the word stands for; `False` when it is forged, too old or of another page."""
    try:
        kept: dict[str, Any] = signing.loads(word, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return False
    if kept.get("path") != path:
        return False
    return observe_event(request, kind=PAGE, **{"method": "GET", **kept})
