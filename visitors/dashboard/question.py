"""Read what the address of a dashboard page asks, and write the addresses that ask for something else."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from visitors.conf import conf
from visitors.exceptions import InvalidParameter
from visitors.questions import refuse_unknown
from visitors.reports.kept import as_kept, kept_whole
from visitors.reports.periods import Period
from visitors.reports.scope import FILTERS, Filter, Operator, Scope
from visitors.texts import country_code

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
SHARED_FILTERS: Final = (  # what the tables of a shared page narrow to; nothing that tells one visitor from another
    "page",
    "entry",
    "exit",
    "source",
    "channel",
    "campaign",
    "country",
    "device",
    "browser",
    "os",
    "act",
    "goal",
)
# Ending of a filter's parameter -> operator: `country=DE&country=FR` is either, `country.not=US` any other.
OPERATORS: Final[Mapping[str, Operator]] = {
    "": Operator.IS,
    "not": Operator.IS_NOT,
    "contains": Operator.CONTAINS,
    "without": Operator.NOT_CONTAINS,
    "matches": Operator.MATCHES,
    "unlike": Operator.NOT_MATCHES,
}
OF_PERIOD: Final = ("period", "from", "to", "visit", "more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`preset` is empty for days given one by one; `asked` are the parameters that differ from the defaults. `base` is
    where the dashboard is mounted, or the shared link."""

    now: datetime
    preset: str
    scope: Scope
    against: Period | None
    chosen: Mapping[str, str]
    visit: UUID | None
    funnel: str
    asked: Mapping[str, tuple[str, ...]]
    base: str = ""
    is_shared: bool = False

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What a form hands on."""
        return tuple((name, value) for name, values in self.asked.items() for value in values)

    @property
    def filter_keys(self) -> tuple[str, ...]:
        return tuple(name for name in self.asked if _is_filter(name))

    @property
    def period(self) -> Period:
        return self.scope.period

    def link(self, **changes: str | None) -> str:
        """The query string of the same question but for the changes; `None` takes a parameter out."""
        merged: dict[str, tuple[str, ...] | None] = dict(self.asked)
        merged |= {name: value if value is None else (value,) for name, value in changes.items()}
        kept = {name: values for name, values in merged.items() if values is not None and values != (_default(name),)}
        return f"?{urlencode(kept, doseq=True)}"

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


def read_question(asked: QueryDict, *, now: datetime, base: str = "", is_shared: bool = False) -> Question:
    """Raises `InvalidParameter` for what is unknown, given twice or out of range. A filter may have several values."""
    filters = SHARED_FILTERS if is_shared else FILTERS
    refuse_unknown(_without_filters(asked, filters), known=_known(filters, is_shared=is_shared))
    lists = {name: tuple(value for value in map(str, values) if value) for name, values in asked.lists()}
    given = {name: values[-1] for name, values in lists.items() if values}
    chosen = {name: _choice(given, name) for name in CHOICES}
    preset = "" if "from" in given or "to" in given else given.get("period", DEFAULT_PRESET)
    period = _of_preset(preset, now) if preset else _custom(given, now)
    narrowed = tuple(filter_of(name, lists[name]) for name in _filters_of(given))
    against = _against(period, chosen["compare"], preset=preset)
    return Question(
        now=now,
        preset=preset,
        scope=Scope(as_kept(period) if narrowed else period, narrowed),
        against=kept_whole(against) if narrowed else against,
        chosen=chosen,
        visit=_visit(given),
        funnel=_funnel(given),
        asked={name: values for name, values in lists.items() if values and values != (_default(name),)},
        base=base,
        is_shared=is_shared,
    )


def _known(filters: Collection[str], *, is_shared: bool) -> frozenset[str]:
    known = frozenset({"period", "from", "to", "visit", "funnel", *CHOICES, *filters})
    return known - {"visit", "visits"} if is_shared else known  # single visits are for the owner


def _without_filters(asked: QueryDict, filters: Collection[str]) -> QueryDict:
    rest = asked.copy()
    for name in [name for name in rest if _is_filter(name) and name.partition(".")[0] in filters]:
        del rest[name]
    return rest


def _filters_of(given: Collection[str]) -> list[str]:
    """In one order, whatever the address's: the same question is kept once."""
    places = {f"{name}.{ending}".rstrip("."): None for name in FILTERS for ending in OPERATORS}
    return [parameter for parameter in places if parameter in given]


def _is_filter(parameter: str) -> bool:
    name, _, ending = parameter.partition(".")
    return name in FILTERS and ending in OPERATORS


def filter_of(parameter: str, values: tuple[str, ...]) -> Filter:
    """The filter of a parameter such as `country.not`; raises `InvalidParameter` for values that it cannot have."""
    name, _, ending = parameter.partition(".")
    first, *more = (country_code(value) for value in values) if name == "country" else values
    return Filter(name, first, OPERATORS[ending], more=tuple(more))


def _default(name: str) -> str | None:
    if name in CHOICES:
        return CHOICES[name][0]
    return DEFAULT_PRESET if name == "period" else None


def _choice(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, CHOICES[name][0])
    if value not in CHOICES[name]:
        raise InvalidParameter(name, f"one of {', '.join(filter(None, CHOICES[name]))}", value)
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


def _funnel(given: Mapping[str, str]) -> str:
    name = given.get("funnel", "")
    if name and name not in conf.FUNNELS:
        raise InvalidParameter("funnel", f"one of {', '.join(conf.FUNNELS) or 'the settings, which have none'}", name)
    return name
