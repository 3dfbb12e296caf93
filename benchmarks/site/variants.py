"""The ways of recording that are compared: what each adds to the site, and where it stores page views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Variant:
    """`table` is the model that holds page views and `path_field` its column of paths; "" when nothing is stored."""

    name: str
    middleware: str = ""
    table: str = ""
    path_field: str = ""
    recording: str = "external"  # VISITORS["RECORDING"]

    @property
    def is_ours(self) -> bool:
        return self.table == "visitors.PageView"


UNTRACKED: Final = Variant("untracked")
# The same again: what it differs by is the noise of the run.
CONTROL: Final = Variant("untracked (control)")
VISITORS: Final = Variant("visitors", "visitors.middleware.VisitorMiddleware", "visitors.PageView", "path")
BACKGROUND: Final = Variant(
    "visitors, background", "visitors.middleware.VisitorMiddleware", "visitors.PageView", "path", "background"
)
REQUEST: Final = Variant("django-request 1.7.1", "request.middleware.RequestMiddleware", "request.Request", "path")
TRACKING: Final = Variant(
    "django-tracking2 0.5.1", "tracking.middleware.VisitorTrackingMiddleware", "tracking.Pageview", "url"
)
INLINE: Final = Variant(
    "written in the request", "benchmarks.site.inline.InlineMiddleware", "measured.InlinePageView", "path"
)
PEERS: Final = (INLINE, REQUEST, TRACKING)
ALL: Final = {variant.name: variant for variant in (UNTRACKED, CONTROL, VISITORS, BACKGROUND, *PEERS)}
