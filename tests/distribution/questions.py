"""Every question that the owner's API answers by reading, taken from its addresses so that none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any, Final

from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

PERIODS: Final = ({"period": "30d"}, {"period": "7d"}, {"from": "2026-10-15", "to": "2026-11-10"}, {"period": "today"})
FILTERS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"filter": "source:is:LinkedIn|GitHub"},
    {"filter": "device:is_not:mobile"},
    {"filter": "page:contains:projects"},
)
NO_LIMITS: Final = {"owner": "", "export": ""}
# Name -> why its answer is no report: what it says of the moment, the process or the client that asks.
NO_REPORTS: Final = {
    "events": "takes events",
    "metrics": "tells of the recorder's process",
    "me": "tells of the client that asks",
    "opt-out": "takes a wish",
    "session-current": "tells of the client that asks",
    "session-label": "takes a label",
    "application-revoke": "revokes",
}


@dataclass(frozen=True, slots=True)
class Question:
    address: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.address} {dict(self.parameters)} {self.body or ''}".strip()

    def ask(self, client: Client) -> HttpResponseBase:
        answer: HttpResponseBase
        if self.body is None:
            answer = client.get(self.address, self.parameters)
        else:
            answer = client.post(self.address, self.body, content_type="application/json")
        return answer


def questions() -> Iterator[Question]:
    for name in report_names():
        yield from _questions_of(name)
    yield from (Question(reverse("visitors:funnels"), {"period": "30d", "step": 1}, body) for body in OWN_FUNNELS)
    for body in OF_CLIENTS:
        asked = {"site_id": "testserver", "date_range": "30d"} | body
        yield Question(reverse("plausible-query"), body=asked)
    for name, parameters in OF_OLD_CLIENTS:
        yield Question(reverse(f"plausible-{name}"), {"site_id": "testserver", "period": "30d", **parameters})


def report_names() -> list[str]:
    from visitors.urls import urlpatterns

    return [pattern.name for pattern in urlpatterns if pattern.name not in NO_REPORTS]


def _questions_of(name: str) -> Iterator[Question]:
    if name == "query":
        yield from (Question(reverse("visitors:query"), body=body) for body in BODIES)
        return
    for arguments in _arguments(name):
        address = reverse(f"visitors:{name}", args=arguments)
        yield from (Question(address, parameters) for parameters in _parameters(name))


def _arguments(name: str) -> Sequence[Sequence[Any]]:
    if name == "analytics-session":
        return [[identifier] for identifier in _session_ids()]
    if name in {"application", "application-timeline"}:
        return [[identifier] for identifier in _application_ids()]
    if name == "breakdown":
        return [[dimension] for dimension in _dimensions()]
    return [[]]


@cache
def _session_ids() -> list[Any]:
    from visitors.models import VisitorSession

    return list(VisitorSession.objects.order_by("id").values_list("session_id", flat=True)[::40])


@cache
def _application_ids() -> list[int]:
    from visitors.models import Application

    return list(Application.objects.order_by("id").values_list("id", flat=True))


def _dimensions() -> list[str]:
    from visitors.reports.query.language import TIMES
    from visitors.reports.traits import TRAITS

    return [name for name in (*TRAITS, *TIMES) if name != "time:minute"]  # which takes two days at most


def _parameters(name: str) -> Iterator[Mapping[str, str]]:
    from visitors import urls

    view = next(pattern.callback for pattern in urls.urlpatterns if pattern.name == name)
    known = view.view_class.parameters
    # A breakdown has forty dimensions; two periods and two filters of each tell as much.
    most = 2 if name == "breakdown" else len(PERIODS)
    periods = [each for each in PERIODS if set(each) <= known][:most] or [{}]
    filters = [each for each in FILTERS if set(each) <= known][:most]
    for period, narrowed in product(periods, filters):
        yield {**period, **narrowed}


BODIES: Final[tuple[Mapping[str, Any], ...]] = (
    {"metrics": ["visitors", "sessions", "bounce_rate", "conversion_rate"], "period": "30d"},
    {"metrics": ["visitors", "pageviews"], "dimensions": ["source", "device"], "period": "30d", "limit": 50},
    {"metrics": ["visitors"], "dimensions": ["country", "browser"], "period": "30d"},
    {
        "metrics": ["pageviews", "visitors"],
        "dimensions": ["page"],
        "period": "30d",
        "filters": [["is", "country", ["DE"]]],
    },
    {"metrics": ["visitors"], "dimensions": ["time:day"], "period": "30d", "compare": "previous_period"},
    {"metrics": ["visitors", "page_views"], "dimensions": ["time:minute"], "period": "24h"},
    {"metrics": ["bounce_rate", "sessions"], "dimensions": ["source"], "period": "7d", "compare": "previous_period"},
    {"metrics": ["page_views"], "dimensions": ["page"], "period": "month", "compare": "previous_period"},
    {"metrics": ["visitors"], "dimensions": ["hour", "weekday"], "period": "30d", "compare": "year_over_year"},
    {"metrics": ["visitors", "exit_rate", "scroll_depth", "time_on_page"], "dimensions": ["page", "time:week"]},
    {"metrics": ["interactions", "percentage"], "dimensions": ["act", "target", "detail:topic"]},
    {"metrics": ["interactions"], "dimensions": ["detail:revenue", "detail:gift"], "period": "30d"},
    {"metrics": ["sessions"], "dimensions": ["goal", "time:month"], "filters": [["not_contains", "language", ["en"]]]},
    *(
        {"metrics": ["visitors", "page_views", "interactions"], "filters": [condition], "include": {"totals": True}}
        for condition in (
            ["matches", "page", ["/projects/*"]],
            ["not_matches", "entry", ["/**"]],
            ["is", "source", ["linkedin", "GITHUB"], {"case_sensitive": False}],
            ["is_not", "goal", ["Résumé downloaded"]],
            ["is", "weekday", ["6", "7"]],
            ["has_done", ["is", "act", ["download"]]],
            ["has_not_done", ["contains", "page", ["chat"]]],
            ["or", [["is", "country", ["DE"]], ["not", ["is", "page", ["/"]]]]],
            ["and", [["contains", "title", ["é"]], ["is_not", "detail:topic", ["stack"]]]],
        )
    ),
)
OWN_FUNNELS: Final[tuple[Mapping[str, Any], ...]] = (
    {"steps": [{"page": "/"}, {"page": "/projects/*"}, {"interaction": "contact"}], "window_minutes": 30},
)
OF_CLIENTS: Final[tuple[Mapping[str, Any], ...]] = (
    {"metrics": ["visitors", "events", "bounce_rate", "visit_duration"], "dimensions": ["visit:source"]},
    {"metrics": ["total_revenue", "average_revenue"], "dimensions": ["visit:country_name", "time:day"]},
    {"metrics": ["events", "conversion_rate", "total_revenue"], "dimensions": ["event:goal"]},
    {"metrics": ["events", "scroll_depth"], "dimensions": ["event:page"], "include": {"total_rows": True}},
    {"metrics": ["events"], "dimensions": ["event:props:gift"], "filters": [["contains_not", "visit:os", ["x"]]]},
    {
        "metrics": ["visitors"],
        "date_range": ["2026-11-18T06:00:00Z", "2026-11-20T12:30:00+01:00"],
        "dimensions": ["time"],
    },
)
OF_OLD_CLIENTS: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    ("aggregate", {"metrics": "visitors,pageviews,bounce_rate,visit_duration", "compare": "previous_period"}),
    ("aggregate", {"metrics": "visits", "filters": "visit:source==LinkedIn|GitHub"}),
    ("timeseries", {"metrics": "visitors,visits", "interval": "date"}),
    ("timeseries", {"period": "6mo", "filters": "event:page==/projects/**"}),
    ("breakdown", {"property": "event:page", "metrics": "visitors,pageviews"}),
    ("breakdown", {"property": "visit:source", "metrics": "visitors,bounce_rate", "limit": "5"}),
    ("breakdown", {"property": "event:goal"}),
)
