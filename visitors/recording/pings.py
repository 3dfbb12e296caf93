"""Decide what a report of a page stands for: a page that this server saw, or one that only a script or program saw."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from visitors.models import BY_CLIENT, BY_TRACKER, PageView
from visitors.observation import EVENTS, KEY, PING, Observation

from .bulk import new_row
from .summary import moment

PAGEVIEW: Final = "pageview"

day_of = lru_cache(maxsize=64)(date.fromisoformat)


def can_open(seen: Observation) -> bool:
    """Whether it may begin a visit. What the tracker reports belongs to a page that the server saw; other clients may
    speak of one that it did not: of another front end, of a program."""
    if seen.kind == PING:
        return seen.target == PAGEVIEW and seen.via in {EVENTS, KEY}
    return seen.details.get("from") != "tracker"


def confirm_page(pages: dict[int, PageView], ping: Observation) -> bool:
    """Add engaged time to the latest view of that page; whether there was one.

    A "pageview" ping is a script's own word for a page that it began to show. The server saw that page too, and so
    the view is confirmed, not counted again, unless there was nothing to see: pages changed by script or restored
    from the browser's memory come without a request. Two scripts on one page report it twice: a view takes one
    report of each, so that a path has as many views as the one that saw most of them says, and the tracker's time wins.
    """
    reporter = BY_CLIENT if ping.via in {EVENTS, KEY} else BY_TRACKER
    page = _latest(pages, ping, is_free_for=reporter) if ping.target == PAGEVIEW else _latest(pages, ping)
    if page is None and ping.target == PAGEVIEW and (pages or can_open(ping)):
        page = pages.setdefault(ping.id, page_of(ping))
    if page is None:
        return False
    if reporter == BY_TRACKER or not page.reported_by & BY_TRACKER:
        page.engaged_ms += ping.engaged_ms
    page.is_confirmed = True
    if ping.target == PAGEVIEW:  # engaged time may overtake it on the way, and would make it count twice
        page.reported_by |= reporter
    if ping.scroll_depth >= 0:
        page.scroll_depth = max(page.scroll_depth or 0, ping.scroll_depth)
    return True


def _latest(pages: dict[int, PageView], ping: Observation, *, is_free_for: int = 0) -> PageView | None:
    """The latest view of the ping's page that was shown; with `is_free_for`, that this reporter has not reported yet,
    and then also one that was not found, since its page tells of itself all the same."""
    views = [page for page in pages.values() if page.path == ping.path and not page.reported_by & is_free_for]
    shown = [page for page in views if is_free_for or page.status < 400]
    # A proxy may hand its own name on instead of the one that the browser knows: a page of this server is still one.
    near = [page for page in shown if page.host == ping.host] or [
        page for page in shown if ping.route and page.route == ping.route
    ]
    return max(near, key=lambda view: (view.viewed_at, view.id), default=None)


def page_of(seen: Observation) -> PageView:
    return new_row(
        PageView,
        id=seen.id,
        day=day_of(seen.day),
        viewed_at=moment(seen.at_ms),
        host=seen.host,
        path=seen.path,
        route=seen.route,
        title=seen.title,
        status=seen.status,
    )
