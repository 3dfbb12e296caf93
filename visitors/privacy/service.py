"""What a visitor can ask of his own data by the request that he sends: read it, erase it, opt out and back in.

The one door for the site's page and for the API.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from visitors.conf import conf
from visitors.identity import client_of
from visitors.observation import NOBODY
from visitors.recording import catch_up

from .erasing import erase_visitors
from .held import DERIVED, HeldVisit, held_visits
from .hooks import count_elsewhere
from .keys import erasure_key
from .profiles import forget_profile, profile_in
from .wishes import Wish, opt_in, opt_out, signal_of, wish_of

__all__ = [
    "Erased",
    "Held",
    "OptOut",
    "choose_opt_in",
    "choose_opt_out",
    "erase_mine",
    "held_of",
    "honours_signals",
    "opt_out_of",
]


@dataclass(frozen=True, slots=True)
class OptOut:
    """Whether requests like this one are recorded, and if not, whose word it is: `cookie` (chosen here) or `signal`
    (Do Not Track or Global Privacy Control, sent by the browser)."""

    opted_out: bool
    by: str


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of whoever sent this request.

    `known_until` is when nobody can tell any more that these visits were his; `derived` names what was concluded of
    each visit, without the conclusion; `elsewhere` counts what he typed for the site around.
    """

    mode: str
    opt_out: OptOut
    known_until: datetime
    kept_days: int
    derived: tuple[str, ...]
    visits: tuple[HeldVisit, ...]
    elsewhere: dict[str, int]


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased, by name."""

    erased: dict[str, int]


def held_of(request: HttpRequest) -> Held:
    """What waits is stored first. Raises what the database raises."""
    catch_up()
    ids = _ids_of(request)
    profile = profile_in(request)
    return Held(
        mode=conf.PRIVACY,
        opt_out=opt_out_of(request),
        known_until=profile.ends_at if profile else _end_of_day(),
        kept_days=conf.RETENTION_EVENT_DAYS,
        derived=DERIVED,
        visits=held_visits(ids),
        elsewhere=dict(count_elsewhere({erasure_key(each) for each in ids}, request)),
    )


def erase_mine(request: HttpRequest, response: HttpResponseBase) -> Erased:
    """Everything that this request can be told to own, the cookie of a profile included. Opting out is another word."""
    erased: Counter[str] = erase_visitors(_ids_of(request), request=request)
    if profile_in(request):
        forget_profile(response)
    return Erased(dict(erased))


def honours_signals() -> bool:
    """Whether a browser that sends Do Not Track or Global Privacy Control is left alone."""
    return conf.HONOR_OPT_OUT_SIGNALS


def opt_out_of(request: HttpRequest) -> OptOut:
    wish = wish_of(request)
    return OptOut(wish is not Wish.NONE, str(wish))


def choose_opt_out(request: HttpRequest, response: HttpResponseBase) -> OptOut:
    """Set the cookie; a profile ends with it."""
    opt_out(response)
    if profile_in(request):
        forget_profile(response)
    return OptOut(True, str(Wish.COOKIE))


def choose_opt_in(request: HttpRequest, response: HttpResponseBase) -> OptOut:
    """Take the cookie back. What the browser itself sends goes on to count."""
    opt_in(response)
    wish = signal_of(request)
    return OptOut(wish is not Wish.NONE, str(wish))


def _ids_of(request: HttpRequest) -> set[int]:
    """Today's pseudonym, yesterday's while its visits go on, and the profile of the cookie, agreed to or not."""
    client = client_of(request.META)
    profile = profile_in(request)
    ids = {client.visitor_id, client.previous_visitor_id, profile.visitor_id if profile else NOBODY}
    return ids - {NOBODY}


def _end_of_day() -> datetime:
    """When the secret of today is destroyed: soon after midnight, once the day's visits have ended."""
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=1, minutes=30)
    return timezone.make_aware(midnight, timezone.get_default_timezone())
