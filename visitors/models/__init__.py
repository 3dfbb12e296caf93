"""Everything that is kept, by what it is for."""

from __future__ import annotations

from visitors.applications.models import Application, ApplicationHit, Notice, NoticeDelivery

from .access import Annotation, ApiToken, SharedLink, TokenScope
from .books import DroppedCount, JournalPosition, LimitCount, Salt, Upkeep
from .erasures import Erasure
from .rollups import DayColumn, RolledDay, RollupDay
from .visits import (
    BY_CLIENT,
    BY_TRACKER,
    EPOCH_MS,
    TIME_SHIFT,
    Certainty,
    Fact,
    Label,
    PageView,
    Share,
    VisitorInteraction,
    VisitorSession,
    first_id,
    unix_ms,
)

__all__ = (
    "BY_CLIENT",
    "BY_TRACKER",
    "EPOCH_MS",
    "TIME_SHIFT",
    "Annotation",
    "ApiToken",
    "Application",
    "ApplicationHit",
    "Certainty",
    "DayColumn",
    "DroppedCount",
    "Erasure",
    "Fact",
    "JournalPosition",
    "Label",
    "LimitCount",
    "Notice",
    "NoticeDelivery",
    "PageView",
    "RolledDay",
    "RollupDay",
    "Salt",
    "Share",
    "SharedLink",
    "TokenScope",
    "Upkeep",
    "VisitorInteraction",
    "VisitorSession",
    "first_id",
    "unix_ms",
)
