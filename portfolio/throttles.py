"""Limit how often one client chats, writes and has jobs analysed: the same count for pages and API."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest

from visitors.throttles import ClientThrottle

CHAT = "chat"
JOB_ANALYSIS = "job-analysis"
CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a throttle reads of a view."""

    throttle_scope: str


def seconds_to_wait(request: HttpRequest, scope: str) -> int:
    """Count this request; 0 when it may go on, else the seconds until the next one may."""
    throttle = ClientThrottle()
    # The throttle reads `META` and `user` only, which Django's own request has too.
    if throttle.allow_request(cast(Any, request), cast(Any, Scope(scope))):
        return 0
    return max(1, math.ceil(throttle.wait() or 1))
