"""What a check works with: an invented visitor whose observations go through the real pipeline."""

from __future__ import annotations

import secrets
from typing import Any, Final

from visitors.identity import local_day, now_ms
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.observation import Observation
from visitors.recording import store
from visitors.recording.ids import MACHINE_SHIFT, compose

SELFCHECK_MACHINE: Final = 62  # between the demo's and the import's: no recorded visit has it
BEGIN_MINUTES_AGO: Final = 100
MINUTE_MS: Final = 60_000
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


class CheckFailed(Exception):
    """What was found is not what the check asks for."""


def expect(what: str, *, found: object, wanted: object) -> None:
    """Raises `CheckFailed` unless both are equal."""
    if found != wanted:
        raise CheckFailed(f"{what} must be {wanted!r}, not {found!r}.")


class Bench:
    """One invented visitor, new for each check; times are minutes after a begin that lies in the last hours."""

    def __init__(self) -> None:
        self.visitor_id = secrets.randbits(62) + 1
        self.begin_ms = now_ms() - BEGIN_MINUTES_AGO * MINUTE_MS
        self._made = 0

    def observation(self, minutes: float, **given: Any) -> Observation:
        at_ms = self.begin_ms + round(minutes * MINUTE_MS)
        self._made += 1
        number = compose(at_ms, machine=SELFCHECK_MACHINE, low_bits=self._made % (1 << MACHINE_SHIFT))
        # The day of the begin, so that a check at midnight judges the visit and not the calendar.
        day = local_day(self.begin_ms).isoformat()
        ordinary = {"content_type": "text/html", "host": "selfcheck.invalid", "user_agent": BROWSER}
        return Observation(id=number, at_ms=at_ms, day=day, visitor_id=self.visitor_id, **(ordinary | given))

    def see(self, minutes: float, **given: Any) -> Observation:
        """Stores one observation and returns it."""
        seen = self.observation(minutes, **given)
        result = store([seen])
        expect("what the pipeline put aside", found=result.quarantined, wanted=0)
        return seen

    def sessions(self) -> list[VisitorSession]:
        return list(VisitorSession.objects.filter(visitor_id=self.visitor_id).order_by("started_at"))

    def session(self) -> VisitorSession:
        """The only one; raises `CheckFailed` when there are none or more."""
        found = self.sessions()
        expect("the number of sessions", found=len(found), wanted=1)
        return found[0]

    def page_views(self) -> list[PageView]:
        return list(PageView.objects.filter(visitor_id=self.visitor_id).order_by("viewed_at", "id"))

    def interactions(self) -> list[VisitorInteraction]:
        return list(VisitorInteraction.objects.filter(visitor_id=self.visitor_id).order_by("occurred_at", "id"))
