"""The settings of application links and notices; `conf.py` adds them to all others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from django.conf import settings

MINUTES: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


class NoticeSettings:
    """Reads `settings.VISITORS`; raises `ValueError` for a time that is none, which the system checks report."""

    @property
    def _given(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = getattr(settings, "VISITORS", {})
        return given

    @cached_property
    def SITE_URL(self) -> str:
        """Scheme and host for links where no request tells them: commands, mails."""
        return str(self._given.get("SITE_URL", "")).rstrip("/")

    @cached_property
    def OWNER_MEMORY_DAYS(self) -> int:
        return int(self._given.get("OWNER_MEMORY_DAYS", 30))

    @cached_property
    def NOTICE_EMAIL(self) -> tuple[str, ...]:
        return tuple(self._given.get("NOTICE_EMAIL", ()))

    @cached_property
    def NOTICE_WEBHOOK(self) -> str:
        return str(self._given.get("NOTICE_WEBHOOK", ""))

    @cached_property
    def NOTICE_WEBHOOK_SECRET(self) -> str:
        return str(self._given.get("NOTICE_WEBHOOK_SECRET", ""))

    @cached_property
    def NOTICE_WEBHOOK_PRIVATE(self) -> bool:
        """Lets the webhook be a server of your own network, and plain HTTP; for tests."""
        return bool(self._given.get("NOTICE_WEBHOOK_PRIVATE", False))

    @cached_property
    def NOTICE_DELAY_SECONDS(self) -> int:
        return int(self._given.get("NOTICE_DELAY_SECONDS", 120))

    @cached_property
    def NOTICE_DIGEST(self) -> int | None:
        """Minutes after local midnight at which one mail tells the day; `None` = at once."""
        given = str(self._given.get("NOTICE_DIGEST", ""))
        return minutes_of(given) if given else None

    @cached_property
    def QUIET_HOURS(self) -> tuple[int, int] | None:
        """Minutes after local midnight at which nothing is sent: from, until."""
        start, dash, end = str(self._given.get("QUIET_HOURS", "")).partition("-")
        return (minutes_of(start), minutes_of(end)) if dash or start else None


def minutes_of(text: str) -> int:
    """Minutes after midnight of "22:00"; raises `ValueError`."""
    found = MINUTES.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"a time such as 22:00, not {text!r}")
    return 60 * int(found[1]) + int(found[2])


def quiet_hours(value: str) -> str:
    """The value itself if it is a span such as 22:00-07:00; raises `ValueError`."""
    start, _, end = value.partition("-")
    try:
        minutes_of(start), minutes_of(end)
    except ValueError:
        raise ValueError("a span such as 22:00-07:00") from None
    return value


def time_of_day(value: str) -> str:
    try:
        minutes_of(value)
    except ValueError:
        raise ValueError("a time such as 08:00") from None
    return value
