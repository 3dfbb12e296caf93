"""Read what the address of a dashboard page asks, and write the addresses that ask for something else."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from visitors.exceptions import InvalidParameter
from visitors.questions import refuse_unknown
from visitors.reports.periods import Period
from visitors.reports.scope import FILTERS, Filter, Scope

PRESETS: Final[Mapping[str, str]] = {
    "today": "Today",
    "yesterday": "Yesterday",
    "7d": "7 days",
    "28d": "28 days",
    "30d": "30 days",
    "month": "Month to date",
    "year": "Year to date",
    "12mo": "12 months",
}
CALENDAR: Final = {"month": 1, "year": 12, "12mo": 12}  # months back to the period before
DEFAULT_PRESET: Final = "30d"
MAX_CUSTOM_DAYS: Final = 366
MAX_VALUE: Final = 500
YEAR: Final = timedelta(days=364)  # whole weeks, so that Mondays lie beside Mondays

# Parameter -> what it may be; the first is the default.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "compare": ("previous", "year", "off"),
    "metric": ("visitors", "sessions", "page_views", "engaged_time", "bounce_rate", "recruiters"),
    "visits": ("score", "latest", "everyone"),
    "pages": ("top", "entry", "exit", "missing"),
    "sources": ("source", "channel", "campaign"),
    "devices": ("browser", "device", "os"),
    "more": ("", "visits", "pages", "sources", "countries", "devices"),
}
KNOWN: Final = frozenset({"period", "from", "to", "visit", *CHOICES, *FILTERS})
OF_PERIOD: Final = ("period", "from", "to", "visit", "more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`preset` is empty for days given one by one; `asked` are the parameters that differ from the defaults."""

    now: datetime
    preset: str
    scope: Scope
    against: Period | None
    chosen: Mapping[str, str]
    visit: UUID | None
    asked: Mapping[str, str]

    @property
    def period(self) -> Period:
        return self.scope.period

    def link(self, **changes: str | None) -> str:
        """The query string of the same question but for the changes; `None` takes a parameter out."""
        merged = dict(self.asked) | changes
        kept = {name: value for name, value in merged.items() if value is not None and value != _default(name)}
        return f"?{urlencode(kept)}"

    def narrowed(self, name: str, value: str) -> str:
        return self.link(**{name: value, "visit": None, "more": None})

    def of_preset(self, preset: str) -> str:
        return self.link(**(dict.fromkeys(OF_PERIOD) | {"period": preset}))

    def shifted(self, periods: int) -> str:
        """The same length earlier or later; "" when that has not begun."""
        start = self.period.start + periods * timedelta(days=self.period.days)
        last = start + timedelta(days=self.period.days - 1)
        if start > self.now.date():
            return ""
        return self.link(**(dict.fromkeys(OF_PERIOD) | {"from": start.isoformat(), "to": last.isoformat()}))


def read_question(asked: QueryDict, *, now: datetime) -> Question:
    """Raises `InvalidParameter` for what is unknown, given twice or out of range."""
    refuse_unknown(asked, known=KNOWN)
    given = {name: str(value) for name, value in asked.items() if value}
    chosen = {name: _choice(given, name) for name in CHOICES}
    preset = "" if "from" in given or "to" in given else given.get("period", DEFAULT_PRESET)
    period = _of_preset(preset, now) if preset else _custom(given, now)
    return Question(
        now=now,
        preset=preset,
        scope=Scope(period, tuple(Filter(name, _value(name, given[name])) for name in FILTERS if name in given)),
        against=_against(period, chosen["compare"], preset=preset),
        chosen=chosen,
        visit=_visit(given),
        asked={name: value for name, value in given.items() if value != _default(name)},
    )


def _default(name: str) -> str | None:
    if name in CHOICES:
        return CHOICES[name][0]
    return DEFAULT_PRESET if name == "period" else None


def _choice(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, CHOICES[name][0])
    if value not in CHOICES[name]:
        raise InvalidParameter(name, f"one of {', '.join(filter(None, CHOICES[name]))}", value)
    return value


def _value(name: str, value: str) -> str:
    if len(value) > MAX_VALUE or "\0" in value:
        raise InvalidParameter(name, f"at most {MAX_VALUE} characters without NUL", value)
    return value


def _of_preset(preset: str, now: datetime) -> Period:
    if preset not in PRESETS:
        raise InvalidParameter("period", f"one of {', '.join(PRESETS)}", preset)
    today = now.date()
    tomorrow = today + timedelta(days=1)
    if preset == "yesterday":
        return Period(today - timedelta(days=1), today)
    first_of_month = today.replace(day=1)
    starts = {
        "today": today,
        "month": first_of_month,
        "year": today.replace(month=1, day=1),
        "12mo": (first_of_month - timedelta(days=320)).replace(day=1),
    }
    start = starts.get(preset) or tomorrow - timedelta(days=int(preset.removesuffix("d")))
    return Period(start, tomorrow, now)


def _custom(given: Mapping[str, str], now: datetime) -> Period:
    """Both ends inclusive, as people say it."""
    first, last = (_day(name, given.get(name, "")) for name in ("from", "to"))
    if not first <= last <= now.date() + timedelta(days=MAX_CUSTOM_DAYS):
        raise InvalidParameter("to", "a day on or after `from` and at most a year ahead", last)
    if (last - first).days >= MAX_CUSTOM_DAYS:
        raise InvalidParameter("from", f"at most {MAX_CUSTOM_DAYS} days before `to`", first)
    end = last + timedelta(days=1)
    return Period(first, end, now if end > now.date() else None)


def _day(name: str, value: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise InvalidParameter(name, "a day such as 2026-01-31", value) from None


def _against(period: Period, compare: str, *, preset: str) -> Period | None:
    if compare == "off":
        return None
    if compare == "previous" and preset in CALENDAR:
        return _months_before(period, CALENDAR[preset])
    if compare == "year":
        return Period(period.start - YEAR, period.end - YEAR, period.until - YEAR if period.until else None)
    return period.previous()


def _months_before(period: Period, months: int) -> Period:
    """The same days of an earlier month or year, so that months lie beside months."""
    last = _day_before(period.last_day, months)
    until = period.until.replace(year=last.year, month=last.month, day=last.day) if period.until else None
    return Period(_day_before(period.start, months), last + timedelta(days=1), until)


def _day_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _visit(given: Mapping[str, str]) -> UUID | None:
    try:
        return UUID(given["visit"]) if "visit" in given else None
    except ValueError:
        raise InvalidParameter("visit", "the id of a visit", given["visit"]) from None
