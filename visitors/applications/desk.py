"""What the owner does with applications: add, change, revoke, and look a link up. Raises `InvalidParameter` by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from visitors.exceptions import InvalidParameter

from .models import Application, SentBy, Status
from .slugs import is_slug, new_slug

TEXT_LIMITS: Final = {"company": 120, "role": 120, "resume_version": 60, "notes": 10_000, "target": 300}
CHANGEABLE: Final = (
    "company",
    "role",
    "channel",
    "target",
    "resume_version",
    "sent_at",
    "status",
    "notes",
    "expires_at",
    "notify",
)
SLUG_TRIES: Final = 20
# The owner's own words: where an application has come to an end or been put back, visits change nothing.
CLOSED: Final = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.ARCHIVED})
ORDER: Final = tuple(Status.values)
PATH: Final = re.compile(r"/(?![/\\])[^\s?#\\\x00-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class Link:
    """What a visitor of `/r/<slug>/` is sent to; a link that is not live tells nothing."""

    slug: str
    target: str
    is_live: bool


def find_link(slug: str, *, now: datetime) -> Link | None:
    """One query; `None` when there is no such link."""
    if not is_slug(slug):
        return None
    application = Application.objects.filter(slug=slug).only("slug", "target", "revoked_at", "expires_at").first()
    if application is None:
        return None
    return Link(application.slug, application.target, application.is_live(now))


def find_application(pk: int) -> Application | None:
    return Application.objects.filter(pk=pk).first()


def add_application(given: Mapping[str, Any]) -> Application:
    """A new application with a link that nobody can guess; `company` is required."""
    if "company" not in given:
        raise InvalidParameter("company", "given", "missing")
    application = Application()
    _put(application, given)
    return save_new(application)


def save_new(application: Application) -> Application:
    """Keep a new application under a slug that is free."""
    _put_sent(application)
    for _ in range(SLUG_TRIES):
        application.slug = new_slug(application.company)
        try:
            with transaction.atomic():
                application.save(force_insert=True)
        except IntegrityError:
            if not Application.objects.filter(slug=application.slug).exists():
                raise
        else:
            return application
    raise InvalidParameter("company", "a name with fewer links", application.company)


def change_application(application: Application, given: Mapping[str, Any]) -> Application:
    """Keep the fields given; a status is the owner's own word."""
    with transaction.atomic():
        fresh = Application.objects.select_for_update().get(pk=application.pk)
        before = fresh.status
        _put(fresh, given)
        keep_changed(fresh, status_before=before)
    return fresh


def keep_changed(application: Application, *, status_before: str) -> None:
    """Save what the owner changed; a status that he moved back or closed is held against visits."""
    status = Status(application.status)
    if status != status_before:
        is_back = ORDER.index(status) < ORDER.index(status_before) and status != Status.DRAFT
        application.is_status_held = is_back or status in CLOSED
    _put_sent(application)
    application.save()


def revoke_application(application: Application) -> Application:
    """The link leads to the plain site from now on; doing it twice changes nothing."""
    Application.objects.filter(pk=application.pk, revoked_at=None).update(revoked_at=timezone.now())
    application.refresh_from_db()
    return application


def _put_sent(application: Application) -> None:
    """What is beyond a draft was sent, now unless a time says otherwise; a time given says that it was sent."""
    if application.status != Status.DRAFT and application.sent_at is None:
        application.sent_at = timezone.now()
    elif application.status == Status.DRAFT and application.sent_at is not None:
        application.status = Status.SENT


def _put(application: Application, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if name not in CHANGEABLE:
            raise InvalidParameter(name, f"left out: the fields are {', '.join(CHANGEABLE)}", value)
        setattr(application, name, _read(name, value))


def _read(name: str, value: Any) -> Any:
    if name in {"sent_at", "expires_at"}:
        return _time(name, value)
    if name == "notify":
        return _flag(name, value)
    if name in {"channel", "status"}:
        return _choice(name, value, Status.values if name == "status" else SentBy.values)
    text = _text(name, value)
    return checked_target(text) if name == "target" else text


def _text(name: str, value: Any) -> str:
    limit = TEXT_LIMITS[name]
    if not isinstance(value, str) or len(value) > limit or "\x00" in value or not _is_storable(value):
        raise InvalidParameter(name, f"text of at most {limit} characters", value)
    text = value.strip()
    if name == "company" and not text:
        raise InvalidParameter(name, "a name", value)
    return text


def _is_storable(text: str) -> bool:
    """No half of a surrogate pair, which no database takes."""
    return text == text.encode("utf-8", "ignore").decode()


def checked_target(text: str) -> str:
    """A path of this site without a query; raises `InvalidParameter`. Anything else would be an open redirect."""
    if not PATH.fullmatch(text) or text.startswith(("/r/", "/admin/", "/api/")):
        raise InvalidParameter("target", "a path of this site such as /resume/, without a query", text)
    return text


def _choice(name: str, value: Any, known: list[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise InvalidParameter(name, f"one of {', '.join(known)}", value)
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidParameter(name, "true or false", value)
    return value


def _time(name: str, value: Any) -> datetime | None:
    """A time without offset is one of the site's time zone."""
    if value is None or value == "":
        return None
    requirement = "a time such as 2026-11-20T09:30:00+01:00"
    if not isinstance(value, str):
        raise InvalidParameter(name, requirement, value)
    try:
        moment = parse_datetime(value if "T" in value or " " in value else f"{value}T00:00:00")
        aware = moment if moment is None or timezone.is_aware(moment) else timezone.make_aware(moment)
        # Years that no database keeps in UTC.
        is_kept = aware is not None and 2000 <= aware.year <= 2100
    except (ValueError, OverflowError):
        is_kept = False
    if not is_kept:
        raise InvalidParameter(name, requirement, value)
    return aware
